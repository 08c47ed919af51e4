using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones.Packed;

/// <summary>An RRset whose records were not declared alike: some twice, or with different TTLs.</summary>
/// <param name="Records">All of them in the order of declaration, as declared.</param>
/// <param name="Served">How many of them are served; fewer than distinct ones when they are too many for any message.</param>
/// <param name="Distinct">How many of them differ.</param>
internal sealed record Oddity(ImmutableArray<ResourceRecord> Records, int Served, int Distinct);
