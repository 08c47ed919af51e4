using System.Buffers.Binary;

namespace Edge.Dns.Tsig;

/// <summary>Time as signatures have it: seconds since 1970 in 48 bits (RFC 8945 §4.2).</summary>
internal static class TsigTime
{
    /// <summary>Bytes of a time in the other data of an answer.</summary>
    public const int Length = 6;

    public static ulong Of(TimeProvider time) => (ulong)time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>The six bytes that tell a client what time it is here (RFC 8945 §5.2.3).</summary>
    public static byte[] Bytes(ulong time)
    {
        Span<byte> eight = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(eight, time);
        return eight[2..].ToArray();
    }

    /// <summary>Whether a time lies within the fudge around now.</summary>
    public static bool IsNear(ulong signed, ulong now, ushort fudge) => (signed > now ? signed - now : now - signed) <= fudge;
}
