using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Edge.Client;

/// <summary>Turns what a server is bound to into what another machine can connect to.</summary>
internal static class ListeningAddresses
{
    /// <summary>
    /// The first address that Edge can reach, http before https: all lead to the same application, so that one is enough, and
    /// a certificate of the application itself is seldom one that Edge could check.
    /// </summary>
    /// <param name="bound">What the server says it listens on.</param>
    /// <param name="local">Our address of the connection to Edge: the one that Edge can certainly connect to.</param>
    /// <param name="edge">Edge's address of that connection.</param>
    public static string? Reachable(IEnumerable<string> bound, IPAddress local, IPAddress edge)
    {
        (local, edge) = (Plain(local), Plain(edge));
        var isHere = IPAddress.IsLoopback(local) || local.Equals(edge);
        return bound.Select(BindingAddress.Parse)
            .Where(address => address is { IsUnixPipe: false, IsNamedPipe: false })
            .OrderBy(address => address.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase))
            .Select(address => Host(address.Host, local, isHere) is { } host ? new UriBuilder(address.Scheme, host, address.Port).Uri.AbsoluteUri : null)
            .FirstOrDefault(url => url is not null);
    }

    private static string? Host(string bound, IPAddress local, bool isHere)
    {
        if (bound.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return isHere ? IPAddress.Loopback.ToString() : null;
        }

        // Any other name, as well as * and +, means all addresses to Kestrel.
        var address = IPAddress.TryParse(bound.Trim('[', ']'), out var parsed) ? Plain(parsed) : IPAddress.IPv6Any;
        var reachable = IPAddress.IsLoopback(address) ? (isHere ? address : null)
            : address.Equals(IPAddress.IPv6Any) ? local
            : address.Equals(IPAddress.Any) ? (local.AddressFamily == AddressFamily.InterNetwork ? local : isHere ? IPAddress.Loopback : null)
            : address;

        // The zone of a link-local address (RFC 4007, section 6) says nothing on another machine.
        return reachable is null or { IsIPv6LinkLocal: true } ? null
            : reachable.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{reachable}]"
            : reachable.ToString();
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
