using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>Makes RRsets of single records (RFC 2181 §5).</summary>
internal static class RRsetGrouping
{
    public static ImmutableArray<RRset> Group(IReadOnlyCollection<ResourceRecord> records)
    {
        var groups = new Dictionary<(Name Owner, RecordType Type), List<ResourceRecord>>(records.Count);
        foreach (var record in records)
        {
            var key = (record.Owner, record.Type);
            if (!groups.TryGetValue(key, out var group))
            {
                groups.Add(key, group = new List<ResourceRecord>(1));
            }

            if (!group.Exists(other => other.Data == record.Data))
            {
                group.Add(record);
            }
        }

        var rrsets = groups.Values.Select(ToRRset).ToArray();
        Array.Sort(rrsets, static (a, b) => a.Owner.CompareTo(b.Owner) is var order and not 0 ? order : a.Type.CompareTo(b.Type));
        return ImmutableArray.Create(rrsets);
    }

    private static RRset ToRRset(List<ResourceRecord> records) => new(
        records[0].Owner,
        records[0].Type,
        records.Min(record => record.Ttl),
        [.. records.Select(record => record.Data)],
        [.. records.Select(record => record.Source)]);
}
