using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>One version of one zone as one view sees it: immutable, read by many threads at once without locks.</summary>
public sealed class Zone
{
    private Zone(Name origin, ImmutableArray<RRset> rrsets)
    {
        Origin = origin;
        RRsets = rrsets;
    }

    /// <summary>The apex.</summary>
    public Name Origin { get; }

    /// <summary>Everything in the zone, in canonical order of the owners (RFC 4034 §6.1).</summary>
    public IReadOnlyList<RRset> RRsets { get; }

    /// <summary>
    /// Builds the zone from records that were checked before: all at or below the origin. Records of one owner and
    /// type become one RRset; an exact duplicate is dropped (RFC 2181 §5).
    /// </summary>
    public static Zone Build(Name origin, IReadOnlyCollection<ResourceRecord> records) => new(origin, RRsetGrouping.Group(records));
}
