using System.Collections.Immutable;
using Edge.Dns.Snapshots;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>All that one source declares at one moment.</summary>
/// <param name="Zones">Whole zones, and what replaces owners of them in one view.</param>
/// <param name="Overlay">Single records for names in zones that some source declares; a record outside of all zones is not served.</param>
public sealed record ZoneContribution(ImmutableArray<DeclaredZone> Zones, ImmutableArray<OverlayRecord> Overlay)
{
    private static readonly ShardedMap<Name, OverlayRecord[]> Nothing = new();

    /// <summary>Nothing declared.</summary>
    public static readonly ZoneContribution Empty = new([], []);

    /// <summary>RRsets that replace declared ones, before any overlay; one for each view, owner and type.</summary>
    public ImmutableArray<ChangedRRset> Changes { get; init; } = [];

    /// <summary>
    /// More of what <see cref="Overlay"/> has, by owner, from a source that says much and changes little of it: what is shared with
    /// the map before is not looked at again.
    /// </summary>
    public ShardedMap<Name, OverlayRecord[]> ByOwner { get; init; } = Nothing;

    /// <summary>Every record that is laid over zones.</summary>
    public IEnumerable<OverlayRecord> AllOverlay => Overlay.Concat(ByOwner.Values.SelectMany(records => records));

    /// <summary>
    /// Of zones whose records stay as they are: how often what goes out with them was made anew, such as signatures. Another
    /// number raises the serial, so that secondaries come for it.
    /// </summary>
    public ImmutableDictionary<Name, uint> Renewals { get; init; } = ImmutableDictionary<Name, uint>.Empty;
}
