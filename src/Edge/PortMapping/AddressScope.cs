using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Edge.PortMapping;

/// <summary>Tells addresses that the internet can reach from those that lie behind somebody's translation.</summary>
internal static class AddressScope
{
    /// <summary>What providers give to customers that share an address (RFC 6598).</summary>
    private static readonly IPNetwork Shared = IPNetwork.Parse("100.64.0.0/10");

    // IANA's registry of special addresses: what of it is not global. 192.0.0.0/24 is what a customer of DS-Lite has (RFC 6333).
    private static readonly ImmutableArray<IPNetwork> Special =
    [
        .. new[] { "0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3" }
            .Select(IPNetwork.Parse),
    ];

    /// <summary>RFC 4291 section 2.4 and what IANA has given out: global unicast is 2000::/3, without documentation (RFC 3849) and 6to4.</summary>
    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    private static readonly ImmutableArray<IPNetwork> Special6 = [.. new[] { "2001:db8::/32", "2002::/16", "2001::/32" }.Select(IPNetwork.Parse)];

    public static bool IsPublic(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? !Shared.Contains(address) && !Special.Any(network => network.Contains(address))
        : Global6.Contains(address) && !Special6.Any(network => network.Contains(address));

    /// <summary>Whether many customers of a provider share what is outside of it.</summary>
    public static bool IsShared(IPAddress address) => Shared.Contains(address) || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [192, 0, 0, _]);
}
