using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Edge.Names.Leases;

/// <summary>Words of strangers, made fit for a log: short, and in characters that do nothing to a terminal.</summary>
internal static class LeaseText
{
    private const int Longest = 64;

    /// <summary>An address as servers write it: the short forms that the parser also takes ("192.168.1") are torn lines.</summary>
    public static bool TryAddress(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address) && (address.AddressFamily == AddressFamily.InterNetworkV6 ? !text.Contains('%') : address.ToString() == text);

    /// <summary>What an address is that is no single host's on the network; null when it may be one's.</summary>
    public static string? KindOf(IPAddress address)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var first = address.GetAddressBytes();
        var isIPv4 = first.Length == 4;
        return IPAddress.IsLoopback(address) ? "a loopback address"
            // RFC 791 §3.2: network 0 is "this network". RFC 1112 §4: class D; class E behind it ends with the broadcast address.
            : address.Equals(IPAddress.IPv6Any) || (isIPv4 && first[0] == 0) ? "an unspecified address"
            : address.IsIPv6Multicast || (isIPv4 && first[0] >= 224) ? "a multicast or reserved address"
            : address.IsIPv6LinkLocal || (isIPv4 && first[0] == 169 && first[1] == 254) ? "a link-local address" : null;
    }

    public static string Shown(string text) =>
        string.Concat((text.Length > Longest ? text[..Longest] + "…" : text).Select(c => c is < ' ' or '\x7f' or (>= '\x80' and <= '\x9f') ? '?' : c));
}
