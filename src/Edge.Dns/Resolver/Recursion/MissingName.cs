using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>The denial of a name, with the time it was learned and the time it ends.</summary>
internal sealed record MissingName(AuthorityReply Reply, bool DnssecOk, long LearnedAt, long ExpiresAt)
{
    /// <summary>The denial as it is now: its TTLs have run on, and who does not ask for proofs gets none.</summary>
    public AuthorityReply At(long now, bool dnssecOk)
    {
        var age = (uint)((now - LearnedAt) / 1000);
        return Reply with
        {
            Authority = [.. Reply.Authority.Where(record => dnssecOk || record.Type == RecordType.SOA).Select(record => record with { Ttl = record.Ttl - Math.Min(age, record.Ttl) })],
        };
    }
}
