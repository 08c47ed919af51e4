using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Resolver.Validation;
using Edge.Dns.Wire;
using Edge.Names.Filtering;

namespace Edge.Names;

/// <summary>What the settings come to for the engine's resolver.</summary>
/// <param name="isOurs">Whether a name lies in a zone of ours.</param>
/// <param name="listen">Where this server answers, so that it never asks itself.</param>
/// <param name="delegations">The parts of our zones that other servers have.</param>
/// <param name="data">The folder of what Edge writes.</param>
internal sealed class ResolverSettings(Func<Name, bool> isOurs, ImmutableArray<IPEndPoint> listen, OwnDelegations delegations, string data)
{
    // Browsers that ask for it take NXDOMAIN as the wish not to go around the resolver of the network (Mozilla's canary domain).
    private static readonly Name Canary = Name.Parse("use-application-dns.net");

    /// <summary>The engine's options.</summary>
    public ForwarderOptions Of(DnsOptions dns, FilterOptions filter) => Of(dns, filter, [.. listen.Select(endPoint => endPoint.Address), .. MachineAddresses.Current()]);

    private ForwarderOptions Of(DnsOptions dns, FilterOptions filter, ImmutableArray<IPAddress> own) => new()
    {
        Upstreams = dns.Forwarding.Upstreams,
        Bootstrap = dns.Forwarding.Bootstrap,
        Forward = dns.Forwarding.Forward,
        ExtraRoots = dns.Forwarding.Roots,
        OwnEndPoints = listen,
        Recursion = dns.Resolution.FromRoot ? FromRoot(dns.Resolution, own) : null,
        Validation = dns.Resolution.Validation == "false" ? null : Validated(dns),
        ValidationIfAble = dns.Resolution.Validation == "auto",
        CacheBytes = dns.Resolution.CacheBytes,
        CachePath = Path.Combine(data, "answers.cache"),
        ForwardedSpecialNames = dns.BrowserCanary ? [] : [Canary],
        RebindingProtection = filter.RebindingProtection,
        RebindingExceptions = filter.RebindingExceptions,
        // A name in a zone of ours that others serve, such as a delegated part of it, may have inside addresses.
        IsOurs = isOurs,
        Delegations = delegations,
        Delegated = new ForwarderOptions().Delegated with { OwnAddresses = own },
    };

    private static RecursionOptions FromRoot(ResolutionOptions resolution, ImmutableArray<IPAddress> own) => new()
    {
        Hints = resolution.Hints ?? RootHints.BuiltIn,
        OwnAddresses = own,
    };

    // A zone with servers of its own is mostly one that the public tree does not know, so that its absence there is proven;
    // who has signed it says so with an anchor.
    private ValidationOptions Validated(DnsOptions dns) => new()
    {
        Anchors = RootAnchors.With(dns.Resolution.Anchors),
        Negative =
        [
            .. dns.Resolution.Unvalidated.Concat(dns.Forwarding.Forward.Select(rule => rule.Zone).Where(zone => dns.Resolution.Anchors.All(anchor => anchor.Owner != zone)))
                .Distinct().Select(name => new NegativeAnchor(name)),
        ],
        StateFile = Path.Combine(data, "trust-anchors"),
    };
}
