using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>Whether data has the form of its type. What clients cannot read is not passed on to them.</summary>
internal static class RecordShape
{
    private const int SoaNumbers = 20;

    /// <summary>What is wrong with the first record that is malformed; null when none is.</summary>
    public static string? Flaw(List<ResourceRecord> records)
    {
        foreach (var record in records)
        {
            if (!IsWhole(record.Type, record.Data.Wire))
            {
                return $"the data of {record.Owner} {record.Type} has not the form of its type";
            }
        }

        return null;
    }

    // RFC 1035 §3.3, RFC 3596 §2.2, RFC 2782, RFC 6672 §2.1. Types whose form is not known here are anything.
    private static bool IsWhole(RecordType type, ReadOnlySpan<byte> data) => type switch
    {
        RecordType.A => data.Length == 4,
        RecordType.AAAA => data.Length == 16,
        RecordType.CNAME or RecordType.NS or RecordType.PTR or RecordType.DNAME => RDataNames.NameLength(data) == data.Length,
        RecordType.MX => EndsInName(data, 2),
        RecordType.SRV => EndsInName(data, 6),
        RecordType.SOA => IsSoa(data),
        RecordType.TXT => AreStrings(data),
        _ => true,
    };

    private static bool EndsInName(ReadOnlySpan<byte> data, int before) => data.Length > before && RDataNames.NameLength(data[before..]) == data.Length - before;

    private static bool IsSoa(ReadOnlySpan<byte> data)
    {
        var first = RDataNames.NameLength(data);
        var second = first < 0 ? -1 : RDataNames.NameLength(data[first..]);
        return second >= 0 && data.Length == first + second + SoaNumbers;
    }

    private static bool AreStrings(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty && data[0] < data.Length)
        {
            data = data[(data[0] + 1)..];
        }

        return data.IsEmpty;
    }
}
