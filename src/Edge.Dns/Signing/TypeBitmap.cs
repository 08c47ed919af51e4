using Edge.Dns.Wire;

namespace Edge.Dns.Signing;

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
}
