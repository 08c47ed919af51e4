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
    private readonly IPNetwork[] _networks = [.. networks];

    /// <summary>Somebody is believed at all.</summary>
    public bool Any => _networks.Length > 0;

    /// <summary>Gives the request the address and the scheme of its client.</summary>
    public void Take(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } peer || !Trusts(peer = Plain(peer)))
        {
            return;
        }

        var headers = context.Request.Headers;
        var (listed, forwarded) = (headers["X-Forwarded-For"], headers["Forwarded"]);
        if (!StringValues.IsNullOrEmpty(listed) || !StringValues.IsNullOrEmpty(forwarded))
        {
            ProxiedRequest.Note(context);
        }

        var byList = StringValues.IsNullOrEmpty(listed) ? null : Client(ForwardedHeader.Parse(listed, headers["X-Forwarded-Proto"]), peer);
        var byForwarded = StringValues.IsNullOrEmpty(forwarded) ? null : Client(ForwardedHeader.Parse(forwarded), peer);

        // A proxy that writes the one header may pass on what a stranger wrote into the other.
        if (byList is not null && byForwarded is not null && !byList.Value.Chain[0].Equals(byForwarded.Value.Chain[0]))
        {
            return;
        }

        if ((byForwarded ?? byList) is not var (chain, proto))
        {
            return;
        }

        context.Connection.RemoteIpAddress = chain[0];
        if ((proto ?? byList?.Proto) is { } scheme)
        {
            context.Request.Scheme = scheme;
        }

        context.Features.Set(new ForwardedChain(chain, byForwarded is not null));
    }

    // From the nearest hop backwards, as far as each is believed.
    private (List<IPAddress> Chain, string? Proto)? Client(List<ForwardedHop>? hops, IPAddress peer)
    {
        if (hops is null)
        {
            return null;
        }

        var chain = new List<IPAddress> { peer };
        string? proto = null;
        for (var i = hops.Count - 1; i >= 0 && hops[i].For is { } address; i--)
        {
            chain.Insert(0, address);
            proto = hops[i].Proto ?? proto;
            if (!Trusts(address))
            {
                break;
            }
        }

        return chain.Count == 1 ? null : (chain, proto);
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
