using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>
/// Reads a reply with the eyes of one who asked a server as a server of one zone: it is believed about that zone and
/// what lies below, and there only in answer to the question (RFC 5452 §6, RFC 2181 §5.4.1).
/// </summary>
internal sealed class ReplyReader(AddressPolicy policy)
{
    // What a zone needs is far less; what an attacker would like is more (NXNS).
    private const int MaxServers = 20;
    private const int MaxAddresses = 8;
    private const uint LongestTtl = 2 * 86400;

    public AuthorityReply Read(Name zone, Name asked, RecordType type, Message message, long now)
    {
        if (message.Rcode is not (Rcode.NoError or Rcode.NxDomain))
        {
            return message.Rcode is Rcode.Refused or Rcode.NotAuth ? AuthorityReply.Lame($"{message.Rcode}") : AuthorityReply.Failed($"{message.Rcode}");
        }

        // RFC 1035 §4.1.1: AA says that the zone itself speaks. Copies in somebody's cache and glue come without it.
        var authoritative = message.Flags.HasFlag(MessageFlags.Authoritative);
        var chain = AliasChain.Follow(zone, asked, type, message.Answer);
        if (chain.Records.Count > 0)
        {
            return authoritative ? ReadAnswer(zone, chain, message, now) : AuthorityReply.Lame("answers for a zone it is not authoritative for");
        }

        var soa = FindSoa(zone, asked, message);
        if (message.Rcode == Rcode.NoError && soa is null && FindReferral(zone, asked, type, message, now) is { } referral)
        {
            return new AuthorityReply(AuthorityReplyKind.Referral) { Referral = referral };
        }

        return authoritative ? ReadNegative(zone, asked, type, message, soa) : AuthorityReply.Lame(Sideways(zone, message));
    }

    private AuthorityReply ReadAnswer(Name zone, AliasChain chain, Message message, long now)
    {
        ImmutableArray<ResourceRecord> answer = [.. chain.Records];
        if (chain.IsComplete)
        {
            return new AuthorityReply(AuthorityReplyKind.Answer) { Answer = answer, Authority = Proofs(zone, message, null), Apex = FindApex(zone, message, now) };
        }

        // RFC 2308 §2.1: an alias to nothing, both in this zone, is said in one message, with the SOA to prove it.
        var soa = chain.End.IsAtOrBelow(zone) ? FindSoa(zone, chain.End, message) : null;
        return soa is null
            ? new AuthorityReply(AuthorityReplyKind.Alias) { Answer = answer, Authority = Proofs(zone, message, null), Target = chain.End }
            : new AuthorityReply(message.Rcode == Rcode.NxDomain ? AuthorityReplyKind.NxDomain : AuthorityReplyKind.NoData) { Answer = answer, Authority = Proofs(zone, message, soa) };
    }

    private static AuthorityReply ReadNegative(Name zone, Name asked, RecordType type, Message message, ResourceRecord? soa)
    {
        if (soa is null && message.Authority.Exists(record => record.Type is RecordType.SOA or RecordType.NS))
        {
            return AuthorityReply.Lame(Sideways(zone, message));
        }

        // RFC 4035 §3.1.4.1: the DS is the parent's; a child that says it has none says nothing.
        if (type == RecordType.DS && soa?.Owner == asked && !asked.IsRoot)
        {
            return AuthorityReply.Failed($"answers for {asked} itself what its parent must answer");
        }

        return new AuthorityReply(message.Rcode == Rcode.NxDomain ? AuthorityReplyKind.NxDomain : AuthorityReplyKind.NoData) { Authority = Proofs(zone, message, soa) };
    }

    private static ResourceRecord? FindSoa(Name zone, Name name, Message message) =>
        message.Authority.Find(record => record.Type == RecordType.SOA && name.IsAtOrBelow(record.Owner) && record.Owner.IsAtOrBelow(zone));

    // RFC 1034 §4.3.2 step 3b. Strictly below the zone, or it would lead upward or in a circle; at or above the name,
    // or it would be about something else. A DS lies above the cut that it is of.
    private Delegation? FindReferral(Name zone, Name asked, RecordType type, Message message, long now)
    {
        var cut = message.Authority.Find(record => record.Type == RecordType.NS && record.Owner != zone && record.Owner.IsAtOrBelow(zone)
            && asked.IsAtOrBelow(record.Owner) && (type != RecordType.DS || record.Owner != asked));
        return cut is null ? null : ReadServers(cut.Owner, zone, message.Authority, message.Additional, now);
    }

    private Delegation? FindApex(Name zone, Message message, long now)
    {
        var section = message.Answer.Exists(record => IsServerOf(record, zone)) ? message.Answer : message.Authority;
        return section.Exists(record => IsServerOf(record, zone)) ? ReadServers(zone, zone, section, message.Additional, now) : null;
    }

    private static bool IsServerOf(ResourceRecord record, Name zone) => record.Type == RecordType.NS && record.Owner == zone;

    // Glue counts inside the zone that gives it: about names elsewhere this server knows nothing (RFC 9471 §2).
    private Delegation ReadServers(Name cut, Name bailiwick, List<ResourceRecord> section, List<ResourceRecord> additional, long now)
    {
        var records = section.Where(record => IsServerOf(record, cut)).Take(MaxServers).ToList();
        var ttl = Math.Min(records.Min(record => record.Ttl), LongestTtl);
        var names = records.Select(record => record.Target()).OfType<Name>().Distinct();
        return new Delegation(cut, [.. names.Select(name => Server(name, bailiwick, additional))], now + (ttl * 1000L));
    }

    private NameServer Server(Name server, Name bailiwick, List<ResourceRecord> additional)
    {
        var glue = server.IsAtOrBelow(bailiwick) ? additional.Where(record => record.Owner == server).Select(record => record.Address()).OfType<IPAddress>().Distinct().ToList() : [];
        return new NameServer(server, [.. glue.Where(policy.Allows).Take(MaxAddresses)]) { Refused = glue.Find(address => !policy.Allows(address)) };
    }

    // RFC 4035 §3.1.3: proofs stand in the authority section, with their signatures.
    private static ImmutableArray<ResourceRecord> Proofs(Name zone, Message message, ResourceRecord? soa) =>
    [
        .. message.Authority.Where(record => record.Owner.IsAtOrBelow(zone) && record.TypeOrSigned() switch
        {
            RecordType.SOA => soa is not null && record.Owner == soa.Owner,
            RecordType.NSEC or RecordType.NSEC3 => true,
            _ => false,
        }),
    ];

    private static string Sideways(Name zone, Message message) =>
        message.Authority.Find(record => record.Type is RecordType.NS or RecordType.SOA) is { } other ? $"asked as a server of {zone}, it speaks of {other.Owner}"
            : $"not authoritative for {zone}";
}
