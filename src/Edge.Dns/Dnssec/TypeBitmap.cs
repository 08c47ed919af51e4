using Edge.Dns.Wire;

namespace Edge.Dns.Dnssec;

/// <summary>The list of types at a name as NSEC data carries it: windows of bits (RFC 4034 §4.1.2).</summary>
internal static class TypeBitmap
{
    /// <summary>NSEC data: the next name, then the types.</summary>
    /// <param name="next">The next name, uncompressed; its case stays (RFC 6840 §5.1).</param>
    /// <param name="types">The types in any order, each once or more often.</param>
    public static byte[] NsecData(ReadOnlySpan<byte> next, IEnumerable<RecordType> types)
    {
        var data = new List<byte>(next.Length + 40);
        data.AddRange(next);
        Span<byte> bits = stackalloc byte[32];
        foreach (var window in types.Select(type => (ushort)type).GroupBy(type => type >> 8).OrderBy(window => window.Key))
        {
            bits.Clear();
            foreach (var type in window)
            {
                bits[(type & 0xFF) >> 3] |= (byte)(0x80 >> (type & 7));
            }

            var length = ((window.Max() & 0xFF) >> 3) + 1;
            data.Add((byte)window.Key);
            data.Add((byte)length);
            data.AddRange(bits[..length]);
        }

        return [.. data];
    }

    /// <summary>Whether a list says that there is a type; false as well where the list is broken off.</summary>
    /// <param name="list">The windows, as they end NSEC and NSEC3 data.</param>
    /// <param name="type">The type.</param>
    public static bool Contains(ReadOnlySpan<byte> list, RecordType type)
    {
        var (window, bit) = ((ushort)type >> 8, (ushort)type & 0xFF);
        while (list.Length >= 2 && list.Length >= 2 + list[1])
        {
            if (list[0] == window)
            {
                return bit >> 3 < list[1] && (list[2 + (bit >> 3)] & (0x80 >> (bit & 7))) != 0;
            }

            list = list[(2 + list[1])..];
        }

        return false;
    }

    /// <summary>Whether a list is whole: windows in order, each of 1 to 32 bytes (RFC 4034 §4.1.2).</summary>
    public static bool IsWhole(ReadOnlySpan<byte> list)
    {
        var last = -1;
        while (!list.IsEmpty)
        {
            if (list.Length < 2 || list[0] <= last || list[1] is 0 or > 32 || list.Length < 2 + list[1])
            {
                return false;
            }

            last = list[0];
            list = list[(2 + list[1])..];
        }

        return true;
    }
}
