using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;
using Edge.Services;

namespace Edge.DynamicDns;

/// <summary>What an update of DNS says of a host: its addresses at the name, the answers to challenges of a CA below it.</summary>
internal static class RecordReader
{
    /// <summary>The host that a name belongs to; null for what is no host's name.</summary>
    public static string? HostOf(Name owner) =>
        HostName.Read((IsChallenge(owner) ? owner.Parent! : owner).ToHostString(), out _, out _) is { } host && host.Contains('.') && !host.StartsWith('*') ? host : null;

    /// <summary>The host with these records at one of its names.</summary>
    /// <param name="owner">The name.</param>
    /// <param name="records">All that is to be there.</param>
    /// <param name="before">The host before.</param>
    /// <param name="why">What is wrong with them.</param>
    public static DynamicAddress? Read(Name owner, ImmutableArray<ResourceRecord> records, DynamicAddress before, out string? why)
    {
        why = null;
        if (IsChallenge(owner))
        {
            why = records.Any(record => record.Type != RecordType.TXT) ? "only TXT can be there" : null;
            return why is not null ? null : before with { Challenges = records.IsEmpty ? null : string.Join(' ', records.Select(record => Convert.ToBase64String(record.Data.Wire)).Order(StringComparer.Ordinal)) };
        }

        if (records.Any(record => record.Type is not (RecordType.A or RecordType.AAAA)))
        {
            why = "only A and AAAA can be there";
        }
        else if (records.CountBy(record => record.Type).FirstOrDefault(type => type.Value > 1) is { Value: > 1 } many)
        {
            why = $"it would have {many.Value} {many.Key} records, and one is kept: delete the old one in the same update";
        }
        else if (records.FirstOrDefault(record => HostAddress.Usable(new IPAddress(record.Data.Wire)) is null) is { } useless)
        {
            why = $"{new IPAddress(useless.Data.Wire)} is no address of a host";
        }

        var ipv6 = Text(records, RecordType.AAAA);
        return why is not null ? null : before with { IPv4 = Text(records, RecordType.A), IPv6 = ipv6, Suffix = null };
    }

    /// <summary>The name at which a host's challenges are answered; null where there is no room for it (RFC 1035 section 3.1).</summary>
    public static Name? ChallengeName(Name host) => host.Wire.Length + DynamicAddress.ChallengeLabel.Length + 1 > Name.MaxWireLength ? null : host.Prepend(DynamicAddress.ChallengeLabel);

    private static bool IsChallenge(Name owner) => System.Text.Ascii.EqualsIgnoreCase(owner.FirstLabel, "_acme-challenge"u8);

    private static string? Text(ImmutableArray<ResourceRecord> records, RecordType type) =>
        records.FirstOrDefault(record => record.Type == type) is { } record ? new IPAddress(record.Data.Wire).ToString() : null;
}
