using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Transfer;

/// <summary>The records of a catalog zone (RFC 9432), written and read.</summary>
internal static class CatalogZone
{
    /// <summary>Members of one catalog; a catalog is data of somebody else.</summary>
    public const int MostMembers = 100_000;

    private const uint Ttl = 3600;

    // RFC 9432 §4.2.1: the only version there is.
    private const string Version = "2";

    /// <summary>A catalog with these members.</summary>
    public static DeclaredZone Of(CatalogSetting setting, IEnumerable<Name> members, uint serial)
    {
        var origin = setting.Origin;
        var source = new RecordSource("edge.yaml: dns.catalogs");
        // RFC 9432 §4.1: the SOA and NS are there because every zone has them; nobody resolves by them.
        var invalid = Name.Parse("invalid.");
        var records = new List<ResourceRecord>
        {
            new(origin, RecordType.SOA, Ttl, RData.Soa(invalid, invalid, serial, 3600, 600, 2_147_483_646, 0), source),
            new(origin, RecordType.NS, Ttl, RData.Target(invalid), source),
            new(origin.Prepend("version"), RecordType.TXT, Ttl, RData.Text(Version), source),
        };
        var zones = origin.Prepend("zones");
        records.AddRange(members.Order().Select(member => new ResourceRecord(zones.Prepend(Label(member)), RecordType.PTR, Ttl, RData.Target(member), source)));
        return new DeclaredZone(origin, setting.View, [.. records]);
    }

    /// <summary>The members of a catalog; null when it is none, or a broken one, which changes nothing (RFC 9432 §4.1, §5.1).</summary>
    public static ImmutableArray<Name>? MembersOf(Name origin, IEnumerable<ResourceRecord> records)
    {
        var zones = origin.Prepend("zones");
        var versionOwner = origin.Prepend("version");
        var versions = new List<RData>();
        var members = new Dictionary<Name, Name>();
        foreach (var record in records)
        {
            if (record.Type == RecordType.TXT && record.Owner == versionOwner)
            {
                versions.Add(record.Data);
            }
            else if (record.Type == RecordType.PTR && record.Owner.LabelCount == zones.LabelCount + 1 && record.Owner.IsAtOrBelow(zones)
                && (!members.TryAdd(record.Owner, Name.FromWire(record.Data.Wire)) || members.Count > MostMembers))
            {
                // RFC 9432 §4.3.1: one PTR for each member.
                return null;
            }
        }

        return versions is [var version] && version == RData.Text(Version) ? [.. members.Values.Distinct().Order()] : null;
    }

    // RFC 9432 §4.1: a label that stays with the member, and tells nothing.
    private static string Label(Name member) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(member.ToString().ToLowerInvariant())).AsSpan(0, 16));
}
