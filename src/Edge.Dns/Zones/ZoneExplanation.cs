using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>Why a zone answers as it does: for people.</summary>
/// <param name="Zone">The zone's origin.</param>
/// <param name="Kind">What was found.</param>
/// <param name="Owner">
/// The owner that decided: the name, the wildcard that covers it, the cut or the DNAME; for a name that does not
/// exist its closest encloser (RFC 4592 §3.3.1).
/// </param>
/// <param name="FromWildcard">True when the owner is a wildcard that stands for the name.</param>
/// <param name="RRsets">The records behind the answer, each with its source; empty for negatives.</param>
public sealed record ZoneExplanation(Name Zone, LookupKind Kind, Name Owner, bool FromWildcard, ImmutableArray<RRset> RRsets);
