using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Signing;

/// <summary>An NSEC record made for one name, kept with its signature. Immutable but for the signature's renewal.</summary>
/// <param name="Mark">The keys it belongs to.</param>
/// <param name="Hash">The hash of <paramref name="Name"/>.</param>
/// <param name="Kind">What it says.</param>
/// <param name="Name">The name it was made for, in lower case.</param>
/// <param name="Types">The types it says are there, in the order of the node.</param>
/// <param name="Nsec">The record.</param>
internal sealed record DenialProof(object Mark, int Hash, ProofKind Kind, byte[] Name, RecordType[] Types, RRset Nsec)
{
    /// <summary>Whether this is the proof that would be made now.</summary>
    public bool Is(object mark, int hash, ProofKind kind, ReadOnlySpan<byte> name, ReadOnlySpan<RecordType> types, uint ttl) =>
        Hash == hash && Kind == kind && ReferenceEquals(Mark, mark) && Nsec.Ttl == ttl
        && NameComparison.Equal(Name, name) && types.SequenceEqual(Types);
}
