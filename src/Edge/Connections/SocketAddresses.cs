using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace Edge.Connections;

/// <summary>Addresses as the kernel writes them (ip(7), ipv6(7)).</summary>
internal static class SocketAddresses
{
    /// <summary>Room for either family.</summary>
    public const int Length = 28;

    private const int Inet = 2;
    private const int Inet6 = 10;

    /// <summary>An address as an endpoint; null for another family.</summary>
    public static IPEndPoint? Read(ReadOnlySpan<byte> address)
    {
        if (address.Length < 16)
        {
            return null;
        }

        var port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return MemoryMarshal.Read<ushort>(address) switch
        {
            Inet => new IPEndPoint(new IPAddress(address.Slice(4, 4)), port),
            Inet6 when address.Length >= Length => new IPEndPoint(new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..])), port),
            _ => null,
        };
    }

    /// <summary>Our end of a connection; null when it is gone.</summary>
    public static IPEndPoint? Local(SafeHandle descriptor)
    {
        Span<byte> address = stackalloc byte[Length];
        try
        {
            return LinuxSockets.LocalAddress(descriptor, address) is var length and > 0 ? Read(address[..length]) : null;
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }
}
