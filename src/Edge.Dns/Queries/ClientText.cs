using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Edge.Dns.Queries;

/// <summary>Addresses of clients as numbers: what is kept of them, and how that is written.</summary>
internal static class ClientText
{
    /// <summary>Bits that are kept of an IPv4 address.</summary>
    public const int Bits4 = 24;

    /// <summary>Bits that are kept of an IPv6 address: what a provider gives to one house.</summary>
    public const int Bits6 = 56;

    // Multicast (RFC 4291 §2.7): no client has such an address.
    private const ulong HashMark = ulong.MaxValue;
    private const int MappedBits = 96;

    /// <summary>Whether it is an IPv4 address in its mapped form.</summary>
    public static bool IsIPv4(UInt128 client) => client >> 32 == 0xFFFF;

    /// <summary>The network of an address.</summary>
    public static UInt128 Network(UInt128 client)
    {
        var dropped = IsIPv4(client) ? 32 - Bits4 : 128 - Bits6;
        return client >> dropped << dropped;
    }

    /// <summary>A number that stands for an address.</summary>
    public static UInt128 Hashed(ulong hash) => new(HashMark, hash);

    /// <summary>From an address object.</summary>
    public static UInt128 Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>Whether an address lies in a network that is given as its first address and its length in the mapped form.</summary>
    public static bool IsIn(UInt128 client, UInt128 network, int length) => length == 0 || (client ^ network) >> (128 - length) == 0;

    /// <summary>The length of a prefix in the mapped form.</summary>
    public static int Length(IPNetwork network) =>
        network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? network.PrefixLength + MappedBits : network.PrefixLength;

    /// <summary>"192.0.2.7", "192.0.2.0/24", "#0123456789abcdef".</summary>
    public static string Format(UInt128 client, bool isNetwork)
    {
        if (client >> 64 == HashMark)
        {
            return string.Create(CultureInfo.InvariantCulture, $"#{(ulong)client:x16}");
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, client);
        var isIPv4 = IsIPv4(client);
        var text = new IPAddress(isIPv4 ? bytes[12..] : bytes).ToString();
        return !isNetwork ? text : string.Create(CultureInfo.InvariantCulture, $"{text}/{(isIPv4 ? Bits4 : Bits6)}");
    }
}
