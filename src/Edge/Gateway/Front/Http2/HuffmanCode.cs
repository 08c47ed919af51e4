namespace Edge.Gateway.Front.Http2;

/// <summary>
/// The code of RFC 7541 appendix B. It is canonical: codes of one length follow each other in the order of their bytes, and
/// the shorter ones come first, so that the lengths say all.
/// </summary>
internal static class HuffmanCode
{
    private const int Shortest = 5;
    private const int Longest = 30;

    // How long the code of each byte is. The end of string has the last one of 30 bits.
    private static readonly byte[] Lengths =
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
    ];

    // Of each length: the first code that is longer, moved to the front of 32 bits, the first one that has it, and its place.
    private static readonly ulong[] Ends = new ulong[Longest + 1];
    private static readonly uint[] Firsts = new uint[Longest + 1];
    private static readonly int[] Places = new int[Longest + 1];
    private static readonly byte[] Bytes = Order();

    // Nearly all bytes have a code of 8 bits at most: what the next 8 bits begin with, and how long it is; 0 for longer ones.
    private static readonly (byte Byte, byte Length)[] Short = Shorts();

    /// <summary>The most bytes that so many may stand for.</summary>
    public static int MostOf(int length) => length * 8 / Shortest;

    /// <summary>Reads it; -1 where it is none (RFC 7541 section 5.2).</summary>
    public static int Decode(ReadOnlySpan<byte> coded, Span<byte> into)
    {
        var (count, bits, held, at) = (0, 0, 0UL, 0);
        while (true)
        {
            while (bits <= 56 && at < coded.Length)
            {
                held |= (ulong)coded[at++] << (56 - bits);
                bits += 8;
            }

            var (value, length) = Short[held >> 56];
            if (length == 0)
            {
                length = LengthOf((uint)(held >> 32));
                value = length <= Longest && length <= bits ? ByteOf((uint)(held >> 32), length) : value;
            }

            if (length > bits)
            {
                // What is left is the front of the end of string, and no whole byte of it.
                return bits == 0 || (bits < 8 && held >> (64 - bits) == (1UL << bits) - 1) ? count : -1;
            }

            if (length == Longest && IsEnd((uint)(held >> 32)))
            {
                return -1;
            }

            into[count++] = value;
            held <<= length;
            bits -= length;
        }
    }

    private static bool IsEnd(uint bits) => bits >> (32 - Longest) == (1U << Longest) - 1;

    private static byte LengthOf(uint bits)
    {
        byte length = Shortest;
        while (length < Longest && bits >= Ends[length])
        {
            length++;
        }

        return length;
    }

    private static byte ByteOf(uint bits, int length)
    {
        var place = Places[length] + (int)((bits >> (32 - length)) - Firsts[length]);
        return place < Bytes.Length ? Bytes[place] : (byte)0;
    }

    private static byte[] Order()
    {
        var (bytes, code, place) = (new byte[Lengths.Length], 0U, 0);
        for (var length = 1; length <= Longest; length++)
        {
            code <<= 1;
            (Firsts[length], Places[length]) = (code, place);
            for (var one = 0; one < Lengths.Length; one++)
            {
                if (Lengths[one] == length)
                {
                    bytes[place++] = (byte)one;
                    code++;
                }
            }

            Ends[length] = (ulong)code << (32 - length);
        }

        return bytes;
    }

    private static (byte Byte, byte Length)[] Shorts()
    {
        var all = new (byte, byte)[256];
        for (var bits = 0; bits < all.Length; bits++)
        {
            var length = LengthOf((uint)bits << 24);
            all[bits] = length <= 8 ? (ByteOf((uint)bits << 24, length), length) : default;
        }

        return all;
    }
}
