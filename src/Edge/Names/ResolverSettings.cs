using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;
using Edge.Names.Filtering;

namespace Edge.Names;

/// <summary>What the settings come to for the engine's resolver.</summary>
/// <param name="domain">The domain this box lives in.</param>
/// <param name="listen">Where this server answers, so that it never asks itself.</param>
/// <param name="data">The folder of what Edge writes.</param>
internal sealed class ResolverSettings(Name domain, ImmutableArray<IPEndPoint> listen, string data)
{
    // Firefox turns its own resolver over HTTPS off where this name does not exist.
    private static readonly Name Canary = Name.Parse("use-application-dns.net");

    /// <summary>The engine's options.</summary>
    public ForwarderOptions Of(DnsOptions dns, FilterOptions filter) => new()
    {
        Upstreams = dns.Forwarding.Upstreams,
        Bootstrap = dns.Forwarding.Bootstrap,
        Forward = dns.Forwarding.Forward,
        ExtraRoots = dns.Forwarding.Roots,
        OwnEndPoints = listen,
        ForwardedSpecialNames = dns.BrowserCanary ? [] : [Canary],
        CachePath = Path.Combine(data, "answers.cache"),
        RebindingProtection = filter.RebindingProtection,
        // A name in the box's own domain that others serve, such as a delegated part of it, may have inside addresses.
        RebindingExceptions = [domain, .. dns.Zones.Select(zone => zone.Origin), .. filter.RebindingExceptions],
    };
}
