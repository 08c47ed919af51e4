using Edge.Dns.Dnssec;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Signing;

/// <summary>
/// NSEC records made for the name that was asked for (RFC 9824). Those for names that exist are as many as there are
/// names; those for all others are limited in number and in their making, so that random names cost neither.
/// </summary>
internal sealed class CompactDenial(TimeProvider time)
{
    // About 16 and 8 MB when full.
    private readonly ProofCache _existing = new(sets: 4096);
    private readonly ProofCache _absent = new(sets: 2048);
    private readonly SigningBudget _budget = new(perSecond: 5000, time);

    /// <summary>
    /// The NSEC record that says of a name what <paramref name="kind"/> means, with its signature kept beside it; null
    /// when there is none yet and none may be made now, or when none can be.
    /// </summary>
    /// <param name="signer">The zone's signer.</param>
    /// <param name="kind">What it is to say.</param>
    /// <param name="name">The name.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="types">The types there are, where it says any.</param>
    /// <param name="ttl">The TTL of the zone's negative answers (RFC 9077 §3).</param>
    /// <param name="exists">Whether the name is one of the zone's: those are never limited.</param>
    /// <param name="limited">Whether making one counts.</param>
    /// <param name="now">The time.</param>
    public RRset? Prove(
        ZoneSigner signer, ProofKind kind, scoped ReadOnlySpan<byte> name, int hash, scoped ReadOnlySpan<RecordType> types, uint ttl, bool exists, bool limited, long now)
    {
        var cache = exists ? _existing : _absent;
        if (cache.Find(signer.DataMark, hash, kind, name, types, ttl) is { } kept && signer.IsGood(kept.Nsec.Signatures, RecordType.NSEC, now))
        {
            return kept.Nsec;
        }

        if ((limited && !exists && !_budget.TryTake()) || Make(kind, name, types, ttl) is not { } nsec)
        {
            return null;
        }

        signer.Sign(nsec.Wire, nsec.Owner.Wire, now);
        cache.Add(new DenialProof(signer.DataMark, hash, kind, CanonicalForm.Lowered(name), types.ToArray(), nsec));
        return nsec;
    }

    private static RRset? Make(ProofKind kind, ReadOnlySpan<byte> name, ReadOnlySpan<RecordType> types, uint ttl)
    {
        byte[]? owner = CanonicalForm.Lowered(name);
        var next = NeighbouringNames.FirstBelow(owner);
        RecordType[] said = [RecordType.RRSIG, RecordType.NSEC];
        switch (kind)
        {
            case ProofKind.Types:
                said = [.. said, .. types];
                break;
            case ProofKind.NoName:
                // RFC 9824 §3.1: NXNAME tells a name that does not exist from one without records.
                said = [.. said, RecordType.NXNAME];
                break;
            case ProofKind.Delegation:
                // RFC 9824 §3.4: the names below belong to the other side.
                said = [.. said, .. types];
                next = NeighbouringNames.AfterSubtree(owner);
                break;
            default:
                next = NeighbouringNames.AfterSubtree(owner);
                owner = NeighbouringNames.Before(owner);
                break;
        }

        return owner is null ? null : new RRset(Name.FromWire(owner), RecordType.NSEC, ttl, [new RData(TypeBitmap.NsecData(next, said))], [default]);
    }
}
