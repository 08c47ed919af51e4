using Edge.Dns.Wire;
using Edge.Dns.Zones.Packed;

namespace Edge.Dns.Zones;

/// <summary>
/// What a zone says, as one number: the sum over its records, so that a change of one set changes it without a look at the
/// others. Order, sources and the serial do not count. Good for knowing again what was served, not against forgery.
/// </summary>
internal static class ZoneDigest
{
    private const ulong Prime = 0x9E37_79B1_85EB_CA87;

    public static ulong Of(PackedZone zone)
    {
        var sum = 0UL;
        for (var i = 0; i < zone.NodeCount; i++)
        {
            var node = new ZoneNode(zone, i);
            for (var set = 0; set < node.SetCount; set++)
            {
                sum += Of(node.OwnerWire, node.Set(set));
            }
        }

        return sum;
    }

    public static ulong Of(ReadOnlySpan<byte> owner, WireRRset set)
    {
        var name = Prime;
        foreach (var b in owner)
        {
            name = Mix(name, NameComparison.Lower(b));
        }

        name = Mix(Mix(name, (ushort)set.Type), set.Ttl);
        var sum = 0UL;
        var walk = set.Records;
        while (WireRRset.TryNext(ref walk, out var data))
        {
            // The serial is the fifth number from the end of SOA data; the other four count.
            sum += set.Type == RecordType.SOA && data.Length >= 20 ? Of(Of(name, data[..^20]), data[^16..]) : Of(name, data);
        }

        return sum;
    }

    private static ulong Of(ulong start, ReadOnlySpan<byte> data)
    {
        foreach (var b in data)
        {
            start = Mix(start, b);
        }

        start ^= start >> 32;
        return start * Prime;
    }

    private static ulong Mix(ulong sum, ulong value)
    {
        sum = (sum ^ value) * Prime;
        return sum ^ (sum >> 29);
    }
}
