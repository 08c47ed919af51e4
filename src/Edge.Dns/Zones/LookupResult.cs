namespace Edge.Dns.Zones;

/// <summary>The outcome of one lookup.</summary>
/// <param name="Kind">What was found.</param>
/// <param name="Node">Where: the name itself, the wildcard that covers it, the cut, the DNAME owner; the closest encloser for a name that does not exist.</param>
/// <param name="RRset">The set itself, the CNAME, the DNAME or the NS set of the cut; empty for negatives and for ANY.</param>
/// <param name="FromWildcard">True when <paramref name="Node"/> is a wildcard that stands for the name.</param>
internal readonly record struct LookupResult(LookupKind Kind, ZoneNode Node, WireRRset RRset, bool FromWildcard);
