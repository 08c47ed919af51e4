using System.Buffers.Binary;
using System.Globalization;
using Edge.Dns.Wire;
using Edge.Dns.Zones.RecordData;

namespace Edge.Dns.Zones;

/// <summary>
/// A zone as it is served, as a zone file that any server loads unchanged: whole names, one record a line, every line
/// with its TTL.
/// </summary>
public static class ZoneText
{
    // BIND 9.18, Knot 3.2 and NSD 4.6 know the parameters up to ipv6hint by name, and every later one by number at best.
    private const ushort NewestKnownParameter = 6;

    /// <summary>Writes all records: the SOA first, then the apex, then by name.</summary>
    /// <param name="zone">The zone as one view sees it.</param>
    /// <param name="to">Receives the lines, each ended by a line feed.</param>
    public static void Write(Zone zone, TextWriter to)
    {
        foreach (var set in zone.RRsets.OrderBy(set => set.Owner).ThenBy(set => set.Type != RecordType.SOA).ThenBy(set => set.Type))
        {
            foreach (var record in set.Records)
            {
                to.Write(Format(record));
                to.Write('\n');
            }
        }
    }

    /// <summary>One record as a line that servers of the last years can read.</summary>
    public static string Format(ResourceRecord record) => IsUnknownSomewhere(record)
        ? string.Create(CultureInfo.InvariantCulture, $"{record.Owner} {record.Ttl} IN TYPE{(ushort)record.Type} \\# {record.Data.Wire.Length} {Convert.ToHexString(record.Data.Wire)}")
        : RecordText.Format(record);

    // The words for algorithms in CERT are others in each server; bytes are understood by all (RFC 3597 §5).
    private static bool IsUnknownSomewhere(ResourceRecord record) =>
        record.Type == RecordType.CERT || (record.Type is RecordType.SVCB or RecordType.HTTPS && HasNewParameter(record.Data.Wire));

    private static bool HasNewParameter(ReadOnlySpan<byte> data)
    {
        var rest = data[2..];
        if (!NameField.TryTakeName(ref rest, out _))
        {
            return false;
        }

        // Sorted by key: the last one is the newest (RFC 9460 §2.2); what mandatory names is there as well.
        var newest = 0;
        while (rest.Length >= 4)
        {
            newest = BinaryPrimitives.ReadUInt16BigEndian(rest);
            rest = rest[Math.Min(rest.Length, 4 + BinaryPrimitives.ReadUInt16BigEndian(rest[2..]))..];
        }

        return newest > NewestKnownParameter;
    }
}
