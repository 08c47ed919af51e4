using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones.Aliases;

/// <summary>The addresses of one family that a name outside of our zones has.</summary>
/// <param name="Data">A or AAAA data; empty when the name has none.</param>
/// <param name="Ttl">Seconds for which that may be believed, aliases on the way included.</param>
public sealed record TargetAddresses(ImmutableArray<RData> Data, uint Ttl);
