using Edge.Dns.Wire;
using Edge.Dns.Zones.Packed;

namespace Edge.Dns.Zones;

/// <summary>One owner as a view, an update or an overlay has left it: it stands in place of the packed zone's. Immutable.</summary>
/// <param name="Owner">Its name.</param>
/// <param name="Sets">Its RRsets; empty for an empty non-terminal.</param>
/// <param name="Children">Owners and empty non-terminals one label below it.</param>
/// <param name="Flags">What lookups must know of it.</param>
/// <param name="Exists">False for a name that the packed zone has and that is gone.</param>
internal sealed record OverlaidNode(Name Owner, RRset[] Sets, int Children, NodeFlags Flags, bool Exists = true);
