using System.Buffers.Binary;
using System.Net;

namespace Edge.PortMapping.NatPmp;

/// <summary>The bytes of NAT-PMP (RFC 6886).</summary>
internal static class NatPmpMessage
{
    private const byte Version = 0;
    private const byte Answer = 128;
    private const byte MapUdp = 1;
    private const byte MapTcp = 2;

    /// <summary>The question for the address outside (RFC 6886 section 3.2).</summary>
    public static byte[] AddressRequest() => [Version, 0];

    /// <summary>A request for a mapping; a lifetime of zero removes it (RFC 6886 sections 3.3 and 3.4).</summary>
    public static byte[] MapRequest(WantedMapping wanted, TimeSpan lifetime)
    {
        var bytes = new byte[12];
        bytes[1] = Opcode(wanted.Protocol);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), (ushort)wanted.Internal);

        // Section 3.4: who removes a mapping suggests no port.
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), (ushort)(lifetime == TimeSpan.Zero ? 0 : wanted.External));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), (uint)lifetime.TotalSeconds);
        return bytes;
    }

    /// <summary>What a router said of its address, when it was asked or by itself (RFC 6886 sections 3.2 and 3.2.1); null for anything else.</summary>
    public static NatPmpAnswer? ReadAddress(ReadOnlySpan<byte> bytes) => Head(bytes, opcode: 0, length: 12) is { } head
        ? head.Result == NatPmpResult.Success ? head with { Address = new IPAddress(bytes.Slice(8, 4)) } : head
        : null;

    /// <summary>What a router said to a request for a mapping; null for anything else.</summary>
    public static NatPmpAnswer? ReadMap(ReadOnlySpan<byte> bytes, MappingProtocol protocol) => Head(bytes, Opcode(protocol), length: 16) is { } head
        ? bytes.Length < 16
            ? head
            : head with
            {
                Internal = BinaryPrimitives.ReadUInt16BigEndian(bytes[8..]),
                External = BinaryPrimitives.ReadUInt16BigEndian(bytes[10..]),
                Lifetime = TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32BigEndian(bytes[12..])),
            }
        : null;

    // Section 3.5: an error may come without what would follow.
    private static NatPmpAnswer? Head(ReadOnlySpan<byte> bytes, byte opcode, int length) =>
        bytes.Length < 8 || bytes[0] != Version || bytes[1] != Answer + opcode
        || (NatPmpResult)BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) is var result && result == NatPmpResult.Success && bytes.Length < length
            ? null
            : new NatPmpAnswer((NatPmpResult)BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])) { Epoch = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]) };

    private static byte Opcode(MappingProtocol protocol) => protocol == MappingProtocol.Udp ? MapUdp : MapTcp;
}
