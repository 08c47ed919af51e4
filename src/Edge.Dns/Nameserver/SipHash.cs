using System.Buffers.Binary;
using System.Numerics;

namespace Edge.Dns.Nameserver;

/// <summary>SipHash-2-4: a keyed hash of 64 bits that is cheap for a few bytes (RFC 9018 §4.4 uses it for cookies).</summary>
internal static class SipHash
{
    /// <summary>Bytes of a key.</summary>
    public const int KeyLength = 16;

    /// <summary>Hashes <paramref name="data"/>; allocates nothing.</summary>
    /// <param name="key">Sixteen bytes.</param>
    /// <param name="data">Any number of bytes.</param>
    public static ulong Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        var k0 = BinaryPrimitives.ReadUInt64LittleEndian(key);
        var k1 = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]);
        // The four words spell "somepseudorandomlygeneratedbytes".
        var v0 = k0 ^ 0x736F_6D65_7073_6575;
        var v1 = k1 ^ 0x646F_7261_6E64_6F6D;
        var v2 = k0 ^ 0x6C79_6765_6E65_7261;
        var v3 = k1 ^ 0x7465_6462_7974_6573;
        var last = (ulong)data.Length << 56;
        for (; data.Length >= 8; data = data[8..])
        {
            Compress(BinaryPrimitives.ReadUInt64LittleEndian(data), ref v0, ref v1, ref v2, ref v3);
        }

        for (var i = 0; i < data.Length; i++)
        {
            last |= (ulong)data[i] << (8 * i);
        }

        Compress(last, ref v0, ref v1, ref v2, ref v3);
        v2 ^= 0xFF;
        for (var round = 0; round < 4; round++)
        {
            Round(ref v0, ref v1, ref v2, ref v3);
        }

        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static void Compress(ulong word, ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v3 ^= word;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= word;
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
