using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>The way of a request over proxies that are believed, from the client to the proxy that asked us.</summary>
/// <param name="Addresses">The client first.</param>
/// <param name="SaysForwarded">They said it with <c>Forwarded</c>, so that the next one gets it as well.</param>
internal sealed record ForwardedChain(IReadOnlyList<IPAddress> Addresses, bool SaysForwarded)
{
    public static ForwardedChain? Of(HttpContext context) => context.Features.Find<ForwardedChain>();

    /// <summary>For X-Forwarded-For.</summary>
    public string List => string.Join(", ", Addresses);

    /// <summary>For Forwarded (RFC 7239 section 4): an IPv6 address stands in brackets and quotes.</summary>
    public string Forwarded(string scheme, string host) => string.Join(", ", Addresses.Select((address, i) =>
        (address.AddressFamily == AddressFamily.InterNetworkV6 ? $"for=\"[{address}]\"" : $"for={address}")
        + (i == 0 ? $";proto={scheme};host=\"{host.Replace("\\", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal)}\"" : "")));
}
