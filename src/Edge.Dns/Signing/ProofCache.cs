using Edge.Dns.Wire;

namespace Edge.Dns.Signing;

/// <summary>
/// Proofs by name, in a table that never grows: what is asked for often stays because whoever comes anew takes the place
/// of any one of four. Read and written without locks; of two writers one is forgotten, which costs a signature.
/// </summary>
/// <param name="sets">Groups of four places, a power of two.</param>
internal sealed class ProofCache(int sets)
{
    private const int Ways = 4;

    private readonly DenialProof?[] _places = new DenialProof?[sets * Ways];
    private uint _turn;

    /// <summary>The proof kept for a name; null when there is none.</summary>
    public DenialProof? Find(object mark, int hash, ProofKind kind, ReadOnlySpan<byte> name, ReadOnlySpan<RecordType> types, uint ttl)
    {
        foreach (ref var place in Places(hash))
        {
            if (Volatile.Read(ref place) is { } proof && proof.Is(mark, hash, kind, name, types, ttl))
            {
                return proof;
            }
        }

        return null;
    }

    /// <summary>Keeps a proof in place of one for the same name, of nothing, or of another one.</summary>
    public void Add(DenialProof proof)
    {
        var places = Places(proof.Hash);
        var chosen = (int)(_turn++ % Ways);
        for (var i = 0; i < Ways; i++)
        {
            if (places[i] is not { } other || (other.Hash == proof.Hash && other.Kind == proof.Kind && NameComparison.Equal(other.Name, proof.Name)))
            {
                chosen = i;
                break;
            }
        }

        Volatile.Write(ref places[chosen], proof);
    }

    private Span<DenialProof?> Places(int hash) => _places.AsSpan((int)((uint)hash * 0x9E3779B1u >> 8) % sets * Ways, Ways);
}
