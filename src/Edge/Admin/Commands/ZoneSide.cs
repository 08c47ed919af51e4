using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Admin.Commands;

/// <summary>One of two versions of a zone that are compared.</summary>
/// <param name="Title">How the user knows it.</param>
/// <param name="Records">All its records.</param>
internal sealed record ZoneSide(string Title, IReadOnlyList<ResourceRecord> Records)
{
    /// <summary>
    /// What is different in the other one, "-" before lines that it lacks and "+" before those that it adds; by owner
    /// and type. The same records in another order, or SOAs that differ in their serials alone, are no difference.
    /// </summary>
    public List<string> ChangesTo(ZoneSide after)
    {
        var (old, now) = (ByContent(Records), ByContent(after.Records));
        return
        [
            .. Only(old, now, '-').Concat(Only(now, old, '+'))
                .OrderBy(line => line.Record.Owner).ThenBy(line => line.Record.Type != RecordType.SOA).ThenBy(line => line.Record.Type).ThenBy(line => line.Sign == '+')
                .Select(line => $"{line.Sign}{RecordText.Format(line.Record)}"),
        ];
    }

    private static IEnumerable<(char Sign, ResourceRecord Record)> Only(
        Dictionary<(Name, RecordType, uint, RData), ResourceRecord> these, Dictionary<(Name, RecordType, uint, RData), ResourceRecord> others, char sign) =>
        these.Where(one => !others.ContainsKey(one.Key)).Select(one => (sign, one.Value));

    private static Dictionary<(Name, RecordType, uint, RData), ResourceRecord> ByContent(IReadOnlyList<ResourceRecord> records)
    {
        var all = new Dictionary<(Name, RecordType, uint, RData), ResourceRecord>();
        foreach (var record in records)
        {
            all.TryAdd((record.Owner, record.Type, record.Ttl, WithoutSerial(record)), record);
        }

        return all;
    }

    // Each view has a serial of its own, and Edge raises that of a file: the serial stands 20 bytes from the end (RFC 1035 §3.3.13).
    private static RData WithoutSerial(ResourceRecord record)
    {
        if (record.Type != RecordType.SOA || record.Data.Wire.Length < 22)
        {
            return record.Data;
        }

        var wire = record.Data.Wire.ToArray();
        wire.AsSpan(wire.Length - 20, 4).Clear();
        return new RData(wire);
    }
}
