using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>A zone whose names are asked of other servers than the rest: the company's, a router's, the other site's.</summary>
/// <param name="Zone">The zone, with what is below it.</param>
/// <param name="Servers">Whom to ask.</param>
public sealed record ForwardRule(Name Zone, ImmutableArray<UpstreamServer> Servers)
{
    /// <inheritdoc/>
    public bool Equals(ForwardRule? other) => other is not null && Zone == other.Zone && Servers.SequenceEqual(other.Servers);

    /// <inheritdoc/>
    public override int GetHashCode() => Zone.GetHashCode();
}
