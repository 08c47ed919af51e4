using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Edge.Dns.Nameserver;

/// <summary>A client's address as sixteen bytes without an object: IPv4 in its mapped form (RFC 4291 §2.5.5.2).</summary>
public readonly record struct ClientAddress
{
    private readonly UInt128 _bits;

    private ClientAddress(UInt128 bits) => _bits = bits;

    /// <summary>The sixteen bytes as a number.</summary>
    internal UInt128 Bits => _bits;

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

    /// <summary>Whether it is an IPv4 address.</summary>
    public bool IsIPv4 => _bits >> 32 == 0xFFFF;

    /// <summary>The network it is in, as a number that no other network of these lengths has.</summary>
    /// <param name="bits4">Prefix length for IPv4, at most 32.</param>
    /// <param name="bits6">Prefix length for IPv6, at most 56.</param>
    public ulong Prefix(int bits4, int bits6) => IsIPv4
        ? (0xFFFFUL << 40) | ((uint)_bits >> (32 - bits4))
        : (ulong)(_bits >> (128 - bits6));

    /// <summary>What <see cref="Prefix"/> stands for, as text: "203.0.113.0/24".</summary>
    public static string PrefixText(ulong prefix, int bits4, int bits6)
    {
        const ulong MappedMark = 0xFFFFUL << 40;
        return prefix >> 40 == MappedMark >> 40
            ? $"{new ClientAddress(new UInt128(0, 0xFFFF_0000_0000UL | ((prefix & 0xFFFF_FFFF) << (32 - bits4))))}/{bits4}"
            : $"{new ClientAddress((UInt128)prefix << (128 - bits6))}/{bits6}";
    }

    /// <summary>Whether both begin with the same bits.</summary>
    /// <param name="other">The other address.</param>
    /// <param name="length">Bits of the sixteen bytes: for IPv4 networks their length and 96.</param>
    public bool SharesPrefix(ClientAddress other, int length) => length == 0 || (_bits ^ other._bits) >> (128 - length) == 0;

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
