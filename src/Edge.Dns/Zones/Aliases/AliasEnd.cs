using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones.Aliases;

/// <summary>Where an ALIAS leads.</summary>
/// <param name="Outside">The name outside of our zones that is to be asked for; null when it ends in them.</param>
/// <param name="Data">What our zones say; default when they say nothing, as in a loop.</param>
/// <param name="Ttl">The smallest TTL on the way.</param>
internal readonly record struct AliasEnd(Name? Outside, ImmutableArray<RData> Data, uint Ttl)
{
    /// <summary>Nothing can be said: the way leads in a circle, or to a name that is too long.</summary>
    public static readonly AliasEnd Nowhere = default;
}
