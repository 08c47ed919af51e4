using System.Buffers.Binary;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>Serials of SOA records: numbers on a circle (RFC 1982).</summary>
internal static class SerialArithmetic
{
    /// <summary>Whether a is newer than b (RFC 1982 §3.2).</summary>
    public static bool IsNewer(uint a, uint b) => unchecked((int)(a - b)) > 0;

    /// <summary>The serial in SOA data; 0 for data too short to be one.</summary>
    public static uint Of(RData soa) => soa.Wire.Length < 22 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(soa.Wire[^20..]);

    /// <summary>The same SOA data with another serial.</summary>
    public static RData With(RData soa, uint serial)
    {
        var wire = soa.Wire.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(wire.AsSpan(wire.Length - 20), serial);
        return new RData(wire);
    }
}
