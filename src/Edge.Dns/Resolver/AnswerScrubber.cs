using System.Buffers.Binary;
using System.Net;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>
/// Takes from an upstream's message what answers the question and nothing else (RFC 5452 §6): the CNAME chain from
/// QNAME and its end, the SOA that says how long "no" holds, and with DO the proofs. Records about other names are
/// somebody's guess or somebody's lie.
/// </summary>
internal sealed class AnswerScrubber(ForwarderOptions options, ForwardRules rules)
{
    // Longer chains are loops or games; resolvers of the peers stop between 8 and 16.
    private const int MaxChain = 16;
    private static readonly TimeSpan BlockedLifetime = TimeSpan.FromMinutes(1);

    /// <summary>The answer to keep; null when the message is no usable answer, with the reason in words.</summary>
    /// <param name="key">The question.</param>
    /// <param name="message">What came.</param>
    /// <param name="verdict">What validation came to; null when nobody validated.</param>
    /// <param name="error">What makes it unusable.</param>
    public CachedAnswer? Scrub(QuestionKey key, Message message, Verdict? verdict, out string? error)
    {
        error = null;
        var answers = FollowChain(key, message.Answer, out var last, out var complete);
        error = RecordShape.Flaw(answers);
        if (error is not null)
        {
            return null;
        }

        if (options.RebindingProtection && PrivateAddresses.FindIn(answers) is { } hidden && !MayBePrivate(key.Name))
        {
            return Blocked(key, hidden);
        }

        var soa = message.Authority.Find(r => r.Type == RecordType.SOA && last.IsAtOrBelow(r.Owner));
        var negative = message.Rcode == Rcode.NxDomain || !complete;
        var authorities = new List<ResourceRecord>();
        var lifetime = answers.Count == 0 ? TimeSpan.MaxValue : Seconds(answers.Min(r => r.Ttl));
        if (negative)
        {
            // RFC 2308 §5: without an SOA nobody said how long, so it is not kept at all.
            lifetime = soa is null ? TimeSpan.Zero : Min(lifetime, Min(NegativeTtl(soa), options.MaxNegativeTtl));
            if (soa is not null)
            {
                authorities.Add(soa with { Ttl = (uint)Min(NegativeTtl(soa), options.MaxNegativeTtl).TotalSeconds });
            }
        }
        else
        {
            lifetime = Max(lifetime, options.MinTtl);
        }

        if (key.DnssecOk)
        {
            authorities.AddRange(message.Authority.Where(r => IsProof(r, soa, negative)));
        }

        // RFC 4035 §5.3.3: no longer than the signatures hold, whatever the shortest TTL is set to.
        var longest = Min(options.MaxTtl, verdict?.Lifetime ?? TimeSpan.MaxValue);
        lifetime = Min(lifetime, longest);
        var reason = verdict is { Security: Security.Insecure, Code: not ExtendedErrorCode.Other } ? AnswerBuilder.ErrorOption(verdict.Code, verdict.Reason) : null;
        // RFC 2308 §5: NXDOMAIN holds for the name; at the end of a chain it is about another name than the one asked.
        var keyType = message.Rcode == Rcode.NxDomain && answers.Count == 0 ? CachedAnswer.AnyType : key.Type;
        var built = AnswerBuilder.Build(
            key, message.Rcode, answers.ConvertAll(Clamped), authorities.ConvertAll(Clamped), keyType, lifetime, reason, secure: verdict?.Security == Security.Secure);
        error = built is null ? "more than a message can hold" : null;
        return built;

        ResourceRecord Clamped(ResourceRecord record) => record with { Ttl = (uint)Min(Max(Seconds(record.Ttl), options.MinTtl), longest).TotalSeconds };
    }

    /// <summary>The same for a message that is a <see cref="PlainAnswer"/>.</summary>
    public CachedAnswer Scrub(QuestionKey key, ReadOnlySpan<byte> plain)
    {
        if (options.RebindingProtection && PlainAnswer.PrivateAddress(key, plain) is { IsEmpty: false } hidden && !MayBePrivate(key.Name))
        {
            return Blocked(key, new IPAddress(hidden));
        }

        return PlainAnswer.Keep(key, plain, options);
    }

    private static CachedAnswer Blocked(QuestionKey key, IPAddress hidden)
    {
        var option = AnswerBuilder.ErrorOption(ExtendedErrorCode.Blocked, $"{hidden} is a private address in a public name (rebinding protection)");
        return AnswerBuilder.Build(key, Rcode.NoError, [], [], key.Type, BlockedLifetime, option)!.Value;
    }

    // Names that are declared for inside: by the settings, by a zone of ours, or by having servers of their own.
    private bool MayBePrivate(Name name) => options.RebindingExceptions.Any(name.IsAtOrBelow) || options.IsOurs(name) || rules.Find(name.Wire) is not null;

    private static List<ResourceRecord> FollowChain(QuestionKey key, List<ResourceRecord> records, out Name last, out bool complete)
    {
        var kept = new List<ResourceRecord>();
        complete = false;
        last = key.Name;
        for (var step = 0; step < MaxChain; step++)
        {
            var here = last;
            var found = records.Where(r => r.Owner == here && Answers(key.Type, r)).ToList();
            complete = found.Count > 0;
            var alias = complete ? null : records.Find(r => r.Type == RecordType.CNAME && r.Owner == here);
            alias = alias is null ? null : alias with { Owner = here };
            if (alias is not null)
            {
                // RFC 6672 §3.1: the DNAME that made the CNAME goes with it.
                found.AddRange(records.Where(r => r.Owner != here && here.IsAtOrBelow(r.Owner) && TypeOrCovered(r) == RecordType.DNAME));
                alias = found.Find(r => r.Type == RecordType.DNAME) is { } dname ? Substitute(alias, dname) : alias;
                found.Add(alias);
                found.AddRange(records.Where(r => r.Owner == here && r.Type == RecordType.RRSIG && Covered(r) == RecordType.CNAME));
            }

            kept.AddRange(found.Where(r => key.DnssecOk || r.Type != RecordType.RRSIG || key.Type is RecordType.RRSIG or RecordType.ANY));
            if (alias is null || !TryTarget(alias, out var target))
            {
                break;
            }

            last = target;
        }

        return [.. kept.DistinctBy(r => (r.Owner, r.Type, r.Data))];
    }

    // RFC 6672 §2.2: the CNAME follows from the DNAME, so it is made here anew: the upstream's has the random case
    // of our question in it.
    private static ResourceRecord Substitute(ResourceRecord alias, ResourceRecord dname)
    {
        var prefix = alias.Owner.Wire[..^dname.Owner.Wire.Length];
        return prefix.Length + dname.Data.Wire.Length > Name.MaxWireLength ? alias : alias with { Data = new RData([.. prefix, .. dname.Data.Wire]) };
    }

    private static bool Answers(RecordType asked, ResourceRecord record) =>
        asked == RecordType.ANY || record.Type == asked || (record.Type == RecordType.RRSIG && Covered(record) == asked);

    private static RecordType TypeOrCovered(ResourceRecord record) => record.Type == RecordType.RRSIG ? Covered(record) : record.Type;

    // RFC 4034 §3.1.1: the type a signature covers stands first.
    private static RecordType Covered(ResourceRecord signature) =>
        signature.Data.Wire.Length < 2 ? RecordType.None : (RecordType)BinaryPrimitives.ReadUInt16BigEndian(signature.Data.Wire);

    private static bool TryTarget(ResourceRecord alias, out Name target)
    {
        target = Name.Root;
        if (RDataNames.NameLength(alias.Data.Wire) != alias.Data.Wire.Length)
        {
            return false;
        }

        target = Name.FromWire(alias.Data.Wire);
        return true;
    }

    // RFC 4035 §3.1.3: denial and wildcard proofs stand in the authority section, signed.
    private static bool IsProof(ResourceRecord record, ResourceRecord? soa, bool negative) => TypeOrCovered(record) switch
    {
        RecordType.NSEC or RecordType.NSEC3 => soa is null || record.Owner.IsAtOrBelow(soa.Owner),
        RecordType.SOA => negative && record.Type == RecordType.RRSIG && record.Owner == soa?.Owner,
        _ => false,
    };

    // RFC 2308 §5: the smaller of the SOA's own TTL and its MINIMUM field, which ends the data.
    private static TimeSpan NegativeTtl(ResourceRecord soa)
    {
        var data = soa.Data.Wire;
        var minimum = data.Length < 4 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(data[^4..]);
        return Seconds(Math.Min(soa.Ttl, minimum));
    }

    private static TimeSpan Seconds(uint seconds) => TimeSpan.FromSeconds(seconds);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
