using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>Which addresses are asked. A stranger's delegation must not make us talk to our own network, nor to ourselves.</summary>
internal sealed class AddressPolicy(RecursionOptions options)
{
    private readonly HashSet<IPAddress> _own = [.. options.OwnAddresses];

    public bool Allows(IPAddress address)
    {
        var isIPv4 = address.AddressFamily == AddressFamily.InterNetwork;
        if (!(isIPv4 ? options.UseIPv4 : options.UseIPv6) || _own.Contains(address))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return !IsNobody(bytes[..length]) && (options.AllowPrivate || !IsInside(bytes[..length]));
    }

    /// <summary>Whether an address is one of private networks or of this machine.</summary>
    public static bool IsInside(IPAddress address) => IsInside(address.GetAddressBytes());

    /// <summary>Why an address is not asked, as words behind it.</summary>
    public string Objection(IPAddress address) =>
        _own.Contains(address) ? "is this server itself"
        : IsInside(address) && !options.AllowPrivate ? "is in a private network, where no public zone is asked"
        : (address.AddressFamily == AddressFamily.InterNetwork ? options.UseIPv4 : options.UseIPv6) ? "is no address of a server" : "is of a family that is not used";

    // Unspecified, multicast, reserved and broadcast addresses; IPv4 addresses in the clothes of IPv6.
    private static bool IsNobody(ReadOnlySpan<byte> address) => address.Length == 4
        ? address[0] is 0 or >= 224
        : address[0] == 0xFF || address.IndexOfAnyExcept((byte)0) < 0 || (address[..10].IndexOfAnyExcept((byte)0) < 0 && address[10] == 0xFF && address[11] == 0xFF);

    // 100.64.0.0/10 is shared address space (RFC 6598): no public zone is served there.
    private static bool IsInside(ReadOnlySpan<byte> address) =>
        PrivateAddresses.IsPrivate(address) || (address.Length == 4 && BinaryPrimitives.ReadUInt32BigEndian(address) >> 22 == 0x64400000u >> 22);
}
