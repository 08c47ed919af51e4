using System.Collections.Immutable;

namespace Edge.Dns.Zones;

/// <summary>All that one source declares at one moment.</summary>
/// <param name="Zones">Whole zones, and what replaces owners of them in one view.</param>
/// <param name="Overlay">Single records for names in zones that some source declares; a record outside of all zones is not served.</param>
public sealed record ZoneContribution(ImmutableArray<DeclaredZone> Zones, ImmutableArray<OverlayRecord> Overlay)
{
    /// <summary>Nothing declared.</summary>
    public static readonly ZoneContribution Empty = new([], []);

    /// <summary>RRsets that replace declared ones, before any overlay; one for each view, owner and type.</summary>
    public ImmutableArray<ChangedRRset> Changes { get; init; } = [];
}
