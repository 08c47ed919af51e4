using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>What one version of a zone has that another has not, record by record: the content of an IXFR (RFC 1995 §4).</summary>
/// <param name="Removed">Records of the older version only; its SOA is the first.</param>
/// <param name="Added">Records of the newer version only; its SOA is the first.</param>
public sealed record ZoneDifference(ImmutableArray<ResourceRecord> Removed, ImmutableArray<ResourceRecord> Added)
{
    /// <summary>Compares two versions of the same zone.</summary>
    public static ZoneDifference Between(Zone before, Zone after)
    {
        var old = before.RRsets.SelectMany(set => set.Records).ToDictionary(Content);
        var added = ImmutableArray.CreateBuilder<ResourceRecord>();
        foreach (var record in after.RRsets.SelectMany(set => set.Records))
        {
            if (!old.Remove(Content(record)))
            {
                added.Add(record);
            }
        }

        return new ZoneDifference([.. old.Values.OrderBy(NotSoa)], [.. added.OrderBy(NotSoa)]);
    }

    private static bool NotSoa(ResourceRecord record) => record.Type != RecordType.SOA;

    private static (Name, RecordType, uint, RData) Content(ResourceRecord record) => (record.Owner, record.Type, record.Ttl, record.Data);
}
