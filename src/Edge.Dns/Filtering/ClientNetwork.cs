using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Edge.Dns.Filtering;

/// <summary>A network of clients over sixteen bytes, IPv4 in its mapped form (RFC 4291 §2.5.5.2).</summary>
/// <param name="First">Its first address.</param>
/// <param name="Length">Its prefix length: for IPv4 networks theirs and 96.</param>
public readonly record struct ClientNetwork(UInt128 First, int Length)
{
    private const int MappedBits = 96;

    /// <summary>The network of that name; bits behind its prefix are ignored.</summary>
    public static ClientNetwork From(IPNetwork network) => new(From(network.BaseAddress), network.PrefixLength + (network.BaseAddress.GetAddressBytes().Length == 4 ? MappedBits : 0));

    /// <summary>An address as a number.</summary>
    public static UInt128 From(IPAddress address) => BinaryPrimitives.ReadUInt128BigEndian(address.MapToIPv6().GetAddressBytes());

    /// <summary>Reads an address or a network: 192.168.1.7, 192.168.1.0/24, fd00::/8.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ClientNetwork? network)
    {
        network = IPAddress.TryParse(text, out var address) ? new ClientNetwork(From(address), 128)
            : IPNetwork.TryParse(text, out var parsed) ? From(parsed)
            : null;
        return network is not null;
    }

    /// <summary>Whether an address is in it.</summary>
    public bool Contains(UInt128 address) => Length == 0 || (address ^ First) >> (128 - Length) == 0;

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, First);
        var address = new IPAddress(bytes);
        var isMapped = address.IsIPv4MappedToIPv6 && Length >= MappedBits;
        var length = isMapped ? Length - MappedBits : Length;
        var text = (isMapped ? address.MapToIPv4() : address).ToString();
        return Length == 128 ? text : $"{text}/{length}";
    }
}
