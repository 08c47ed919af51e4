using System.Collections.Immutable;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>Whom a name outside our zones is asked of.</summary>
/// <param name="Zone">The forwarded zone it lies in; null when none.</param>
/// <param name="Servers">The servers of that zone, or the upstreams; empty when it is resolved from the root or nobody is there.</param>
/// <param name="FromRoot">Whether it is resolved from the root.</param>
/// <param name="Special">Why nobody is asked: the name has a meaning by standard; null when somebody is.</param>
public sealed record ResolverRoute(Name? Zone, ImmutableArray<UpstreamServer> Servers, bool FromRoot, SpecialName? Special)
{
    /// <summary>The delegation in a zone of ours whose servers are asked; null when it lies below none.</summary>
    public OwnDelegation? Delegation { get; init; }
}
