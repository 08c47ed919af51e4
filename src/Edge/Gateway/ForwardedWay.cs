using System.Net;

namespace Edge.Gateway;

/// <summary>What one header says of the way of a request over proxies that are believed.</summary>
/// <param name="Addresses">The client first, the proxy that asked us last.</param>
/// <param name="Proto">The scheme that the client asked with; null where it is not said.</param>
internal sealed record ForwardedWay(IReadOnlyList<IPAddress> Addresses, string? Proto)
{
    public IPAddress Client => Addresses[0];
}
