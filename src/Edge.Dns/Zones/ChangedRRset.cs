using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>
/// An RRset as updates or incremental transfers have left it: it stands in place of what was declared for this owner
/// and type. Owners keep their other types.
/// </summary>
/// <param name="View">
/// The view it is for; null for the zone itself, which every view sees unless its own file declares the owner.
/// </param>
/// <param name="Owner">The name.</param>
/// <param name="Type">The type. At the apex SOA may be changed as well: its serial is served, or a newer one.</param>
/// <param name="Ttl">Seconds.</param>
/// <param name="Data">The data of each record; empty when the set is gone.</param>
/// <param name="Source">Who changed it: "update by key laptop.".</param>
public sealed record ChangedRRset(string? View, Name Owner, RecordType Type, uint Ttl, ImmutableArray<RData> Data, RecordSource Source)
{
    /// <summary>
    /// The apex of the zone it is in: an owner at or below a delegation may lie in a zone of its own as well. Null for
    /// the closest zone; nothing is changed while the zone is not there.
    /// </summary>
    public Name? Zone { get; init; }
}
