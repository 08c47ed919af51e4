using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Edge.Dns.Nameserver;

/// <summary>A client's address as sixteen bytes without an object: IPv4 in its mapped form (RFC 4291 §2.5.5.2).</summary>
public readonly record struct ClientAddress
{
    private readonly UInt128 _bits;

    private ClientAddress(UInt128 bits) => _bits = bits;

    /// <summary>From four or sixteen bytes in network order.</summary>
    /// <exception cref="ArgumentException">Neither four nor sixteen bytes.</exception>
    public static ClientAddress FromBytes(ReadOnlySpan<byte> address) => address.Length switch
    {
        4 => new(new UInt128(0, 0xFFFF_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(address))),
        16 => new(BinaryPrimitives.ReadUInt128BigEndian(address)),
        _ => throw new ArgumentException("an address has four or sixteen bytes", nameof(address)),
    };

    /// <summary>From an address object.</summary>
    public static ClientAddress From(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return FromBytes(bytes[..length]);
    }

    /// <summary>From what a socket says about the sender; allocates nothing.</summary>
    public static ClientAddress From(SocketAddress sender)
    {
        // sockaddr_in: family, port, address. sockaddr_in6: family, port, flow, address.
        var bytes = sender.Buffer.Span;
        return sender.Family == AddressFamily.InterNetwork ? FromBytes(bytes.Slice(4, 4)) : FromBytes(bytes.Slice(8, 16));
    }

    /// <summary>Writes the sixteen bytes in network order.</summary>
    public void Write(Span<byte> sixteen) => BinaryPrimitives.WriteUInt128BigEndian(sixteen, _bits);

    /// <summary>As an object, IPv4 unmapped.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        Write(bytes);
        var address = new IPAddress(bytes);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    /// <inheritdoc/>
    public override string ToString() => ToIPAddress().ToString();
}
