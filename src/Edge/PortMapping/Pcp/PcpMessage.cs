using System.Buffers.Binary;
using System.Net;

namespace Edge.PortMapping.Pcp;

/// <summary>The bytes of PCP (RFC 6887), as far as mappings need them.</summary>
internal static class PcpMessage
{
    public const byte Version = 2;

    private const byte Announce = 0;
    private const byte Map = 1;
    private const byte Answer = 0x80;
    private const int HeaderLength = 24;
    private const int MapLength = 36;

    /// <summary>The length of a nonce (RFC 6887 section 11.1).</summary>
    public const int NonceLength = 12;

    /// <summary>A MAP request (RFC 6887 sections 7.1 and 11.1).</summary>
    /// <param name="client">Our address, as the router sees it.</param>
    /// <param name="nonce">What shows later that the mapping is ours.</param>
    /// <param name="wanted">The mapping.</param>
    /// <param name="lifetime">How long; zero removes it.</param>
    /// <param name="isExact">Rather none than another port (PREFER_FAILURE, section 13.2).</param>
    public static byte[] MapRequest(IPAddress client, ReadOnlySpan<byte> nonce, WantedMapping wanted, TimeSpan lifetime, bool isExact)
    {
        var bytes = new byte[HeaderLength + MapLength + (isExact ? 4 : 0)];
        bytes[0] = Version;
        bytes[1] = Map;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), (uint)lifetime.TotalSeconds);
        client.MapToIPv6().TryWriteBytes(bytes.AsSpan(8), out _);
        var map = bytes.AsSpan(HeaderLength);
        nonce.CopyTo(map);
        map[12] = (byte)wanted.Protocol;
        BinaryPrimitives.WriteUInt16BigEndian(map[16..], (ushort)wanted.Internal);
        BinaryPrimitives.WriteUInt16BigEndian(map[18..], (ushort)wanted.External);

        // Any address outside: all zeros of the family that is wanted, ::ffff:0.0.0.0 for IPv4 (section 5).
        IPAddress.Any.MapToIPv6().TryWriteBytes(map[20..], out _);
        if (isExact)
        {
            // Section 7.3: code, reserved, length of the data, which is none.
            bytes[HeaderLength + MapLength] = 2;
        }

        return bytes;
    }

    /// <summary>The answer to a MAP request; null for anything else (RFC 6887 sections 7.2, 8.3 and 11.1).</summary>
    public static PcpMapAnswer? ReadMap(ReadOnlySpan<byte> bytes)
    {
        // A router that speaks NAT-PMP only answers in its own version (RFC 6886 section 3.5, RFC 6887 appendix A).
        if (bytes.Length >= 4 && bytes[0] != Version && (bytes[1] & Answer) != 0)
        {
            return new PcpMapAnswer(PcpResult.UnsupportedVersion);
        }

        if (bytes.Length < HeaderLength || bytes.Length % 4 != 0 || bytes[0] != Version || bytes[1] != (Answer | Map))
        {
            return null;
        }

        var answer = new PcpMapAnswer((PcpResult)bytes[3])
        {
            Lifetime = TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32BigEndian(bytes[4..])),
            Epoch = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
        };
        if (bytes.Length < HeaderLength + MapLength)
        {
            // An error may come without the data of the opcode; a success may not.
            return answer.Result == PcpResult.Success ? null : answer;
        }

        var map = bytes[HeaderLength..];
        return answer with
        {
            Nonce = map[..NonceLength].ToArray(),
            Protocol = (MappingProtocol)map[12],
            Internal = BinaryPrimitives.ReadUInt16BigEndian(map[16..]),
            External = BinaryPrimitives.ReadUInt16BigEndian(map[18..]),
            Address = new IPAddress(map.Slice(20, 16)) is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : new IPAddress(map.Slice(20, 16)),
        };
    }

    /// <summary>Whether it is an announcement that mappings may be lost or the address another (RFC 6887 section 14.1).</summary>
    public static bool IsAnnouncement(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= HeaderLength && bytes[0] == Version && bytes[1] == (Answer | Announce) && bytes[3] == (byte)PcpResult.Success;
}
