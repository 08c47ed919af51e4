namespace Edge.Dns.Resolver.Validation;

/// <summary>Kept proofs in the order of their names or hashes, so that the one whose gap a name lies in is found by halving.</summary>
internal sealed class ProofOrder(Func<KeptProof, KeptProof, int> compare)
{
    private readonly List<KeptProof> _proofs = [];

    public int Count => _proofs.Count;

    /// <summary>Any of them; null when there is none.</summary>
    public KeptProof? Any => _proofs.Count == 0 ? null : _proofs[0];

    /// <summary>Keeps one in place of the one with the same name or hash.</summary>
    public void Put(KeptProof proof)
    {
        var place = Place(other => compare(other, proof));
        if (place >= 0 && compare(_proofs[place], proof) == 0)
        {
            _proofs[place] = proof;
        }
        else
        {
            _proofs.Insert(place + 1, proof);
        }
    }

    /// <summary>The last one not behind what is looked for; before the first comes the last, whose gap goes round the end.</summary>
    /// <param name="order">How a proof lies to what is looked for: negative before it.</param>
    public KeptProof? At(Func<KeptProof, int> order) => _proofs.Count == 0 ? null : Place(order) is var place and >= 0 ? _proofs[place] : _proofs[^1];

    public void Clear() => _proofs.Clear();

    public void RemoveAll(Predicate<KeptProof> match) => _proofs.RemoveAll(match);

    private int Place(Func<KeptProof, int> order)
    {
        var (low, high) = (-1, _proofs.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >> 1;
            if (order(_proofs[middle]) <= 0)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }
}
