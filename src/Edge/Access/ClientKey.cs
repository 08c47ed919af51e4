using System.Buffers.Binary;
using System.Net;

namespace Edge.Access;

/// <summary>A client as it is counted: an IPv4 address, or the /64 of an IPv6 address, within which one client has all addresses it likes.</summary>
internal readonly record struct ClientKey(ulong High, ulong Low)
{
    private const ulong MappedMark = 0xFFFF_0000_0000;

    public static ClientKey Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        if (length == 4)
        {
            return new ClientKey(0, MappedMark | BinaryPrimitives.ReadUInt32BigEndian(bytes));
        }

        return address.IsIPv4MappedToIPv6
            ? new ClientKey(0, MappedMark | BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]))
            : new ClientKey(BinaryPrimitives.ReadUInt64BigEndian(bytes), 0);
    }

    /// <summary>The network it stands for: an IPv4 address with /32, an IPv6 network with /64.</summary>
    public IPNetwork ToNetwork()
    {
        Span<byte> bytes = stackalloc byte[16];
        if (High == 0 && Low >> 32 == 0xFFFF)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)Low);
            return new IPNetwork(new IPAddress(bytes[..4]), 32);
        }

        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        return new IPNetwork(new IPAddress(bytes), 64);
    }
}
