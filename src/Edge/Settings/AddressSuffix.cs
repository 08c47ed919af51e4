using System.Net;
using System.Net.Sockets;

namespace Edge.Settings;

/// <summary>The part of an IPv6 address that stays when the prefix changes, written as <c>::1234</c>: the interface identifier (RFC 4291 §2.5.1).</summary>
internal static class AddressSuffix
{
    /// <summary>The bits that a provider may change.</summary>
    public const int PrefixLength = 64;

    private const int Bytes = 16;

    /// <summary>Whether an address is none by itself but the end of one.</summary>
    public static bool IsOne(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 && address is { ScopeId: 0, IsIPv4MappedToIPv6: false } && !IPAddress.IsLoopback(address)
        && address.GetAddressBytes() is var bytes && bytes.AsSpan(0, Bytes / 2).IndexOfAnyExcept((byte)0) < 0 && bytes.AsSpan(Bytes / 2).IndexOfAnyExcept((byte)0) >= 0;

    /// <summary>The suffix; null for what is none. Where only a suffix can stand, ::1 is not the loopback but the first host of a network.</summary>
    public static IPAddress? Parse(string text) => IPAddress.TryParse(text, out var address) && (IsOne(address) || address.Equals(IPAddress.IPv6Loopback)) ? address : null;

    /// <summary>The prefix as a network, as in <c>2001:db8:1:2::/64</c>; the length may be left out, and bits beyond it are passed over. Null for what is none.</summary>
    public static IPNetwork? ParsePrefix(string text)
    {
        var slash = text.IndexOf('/');
        var length = PrefixLength;
        return (slash < 0 || (int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out length) && length is >= 16 and <= PrefixLength))
            && IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address) && address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: 0 }
            ? new IPNetwork(Join(address, length, IPAddress.IPv6Any), length)
            : null;
    }

    /// <summary>The address under a prefix: its first bits are the prefix's, the rest are those of the suffix.</summary>
    public static IPAddress Under(IPNetwork prefix, IPAddress suffix) => Join(prefix.BaseAddress, prefix.PrefixLength, suffix);

    /// <summary>What stays of an address when the prefix changes.</summary>
    public static IPAddress Of(IPNetwork prefix, IPAddress address) => Join(IPAddress.IPv6Any, prefix.PrefixLength, address);

    private static IPAddress Join(IPAddress first, int length, IPAddress rest)
    {
        var (bytes, end) = (first.GetAddressBytes(), rest.GetAddressBytes());
        for (var i = 0; i < Bytes; i++)
        {
            var mask = (byte)(0xFF << (8 - Math.Clamp(length - (i * 8), 0, 8)));
            bytes[i] = (byte)((bytes[i] & mask) | (end[i] & ~mask));
        }

        return new IPAddress(bytes);
    }
}
