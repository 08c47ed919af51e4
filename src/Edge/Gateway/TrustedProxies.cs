using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Edge.Gateway;

/// <summary>
/// Finds out who asks when the request came over proxies that are believed. What stands in the headers left of the
/// first address that is not believed was written by a stranger, and is dropped.
/// </summary>
/// <param name="networks">Whom to believe; nobody by default.</param>
internal sealed class TrustedProxies(IReadOnlyList<IPNetwork> networks)
{
    /// <summary>The most proxies that a request may have come over.</summary>
    public const int MostHops = 32;

    private readonly IPNetwork[] _networks = [.. networks];

    /// <summary>Somebody is believed at all.</summary>
    public bool Any => _networks.Length > 0;

    /// <summary>Gives the request the address and the scheme of its client.</summary>
    /// <returns>
    /// False when a proxy is believed and what it says of its client cannot be made out. The request is nobody's then: for
    /// one of the proxy itself it must not pass, which may be of the LAN, allowed, and is never banned.
    /// </returns>
    public bool Take(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } peer || !Trusts(peer = Plain(peer)))
        {
            return true;
        }

        var headers = context.Request.Headers;
        var (listed, forwarded) = (headers["X-Forwarded-For"], headers["Forwarded"]);
        if (StringValues.IsNullOrEmpty(listed) && StringValues.IsNullOrEmpty(forwarded))
        {
            return true;
        }

        ProxiedRequest.Note(context);
        return Read(ForwardedHeader.Parse(listed, headers["X-Forwarded-Proto"]), peer, out var byList)
            && Read(ForwardedHeader.Parse(forwarded), peer, out var byForwarded)
            && Take(context, byList, byForwarded);
    }

    private static bool Take(HttpContext context, ForwardedWay? byList, ForwardedWay? byForwarded)
    {
        // A proxy that writes the one header may pass on what a stranger wrote into the other.
        if (byList is not null && byForwarded is not null && !byList.Client.Equals(byForwarded.Client))
        {
            return false;
        }

        if ((byForwarded ?? byList) is { } way)
        {
            context.Connection.RemoteIpAddress = way.Client;
            context.Request.Scheme = way.Proto ?? byList?.Proto ?? context.Request.Scheme;
            context.Features.Set(new ForwardedChain(way.Addresses, byForwarded is not null));
        }

        return true;
    }

    // From the nearest hop backwards, as far as each is believed. False when it does not lead to anybody.
    private bool Read(List<ForwardedHop>? hops, IPAddress peer, out ForwardedWay? way)
    {
        way = null;
        if (hops is null)
        {
            return false;
        }

        if (!hops.Exists(static hop => hop.IsNamed))
        {
            return true;
        }

        var addresses = new List<IPAddress> { peer };
        string? proto = null;
        for (var i = hops.Count - 1; i >= 0 && Trusts(addresses[^1]); i--)
        {
            // RFC 7239 section 6: it may be unknown, or hidden. And so many proxies in a row are a circle.
            if (hops[i].For is not { } address || addresses.Count > MostHops)
            {
                return false;
            }

            addresses.Add(address);
            proto = hops[i].Proto ?? proto;
        }

        addresses.Reverse();
        way = new ForwardedWay(addresses, proto);
        return true;
    }

    /// <summary>Whether an address is one of them.</summary>
    public bool Trusts(IPAddress address)
    {
        foreach (var network in _networks)
        {
            if (network.Contains(Plain(address)))
            {
                return true;
            }
        }

        return false;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
