using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>All that the sources declare, sorted to the zones and views it is for.</summary>
internal sealed class ZoneInputs
{
    private ZoneInputs()
    {
    }

    /// <summary>The zones, by origin, in the order of the sources.</summary>
    public OrderedDictionary<Name, DeclaredZone> Zones { get; } = [];

    /// <summary>What is declared for one view.</summary>
    public Dictionary<(string View, Name Origin), DeclaredZone> ForView { get; } = [];

    /// <summary>Overlay records of each zone in each view, in the order of the sources.</summary>
    public Dictionary<(string View, Name Origin), List<OverlayRecord>> Overlay { get; } = [];

    /// <summary>Changed RRsets of each zone in each view, in the order of the sources.</summary>
    public Dictionary<(string View, Name Origin), List<ChangedRRset>> Changes { get; } = [];

    /// <summary>Overlay records that lie in no zone or are for no view there is.</summary>
    public List<OverlayRecord> Outside { get; } = [];

    /// <summary>Declarations that an earlier source made already.</summary>
    public List<DeclaredZone> Ignored { get; } = [];

    /// <summary>Sorts the contributions.</summary>
    public static ZoneInputs Gather(IEnumerable<ZoneContribution> contributions, ImmutableArray<string> views)
    {
        var inputs = new ZoneInputs();
        var all = contributions.ToList();
        foreach (var zone in all.SelectMany(one => one.Zones))
        {
            var added = zone.View is null ? inputs.Zones.TryAdd(zone.Origin, zone) : inputs.ForView.TryAdd((zone.View, zone.Origin), zone);
            if (!added)
            {
                inputs.Ignored.Add(zone);
            }
        }

        foreach (var record in all.SelectMany(one => one.Overlay))
        {
            inputs.Place(record, views);
        }

        foreach (var change in all.SelectMany(one => one.Changes))
        {
            inputs.Place(change, views);
        }

        return inputs;
    }

    // The closest enclosing zone is the one that is asked for the name (RFC 1034 §4.3.2 step 2).
    private Name? ZoneOf(Name owner)
    {
        Name? origin = owner;
        while (origin is not null && !Zones.ContainsKey(origin))
        {
            origin = origin.Parent;
        }

        return origin;
    }

    private void Place(ChangedRRset change, ImmutableArray<string> views)
    {
        if ((change.Zone is { } zone ? Zones.ContainsKey(zone) ? zone : null : ZoneOf(change.Owner)) is { } origin)
        {
            foreach (var view in views.Where(view => change.View is null || change.View == view))
            {
                (Changes.TryGetValue((view, origin), out var list) ? list : Changes[(view, origin)] = []).Add(change);
            }
        }
    }

    private void Place(OverlayRecord record, ImmutableArray<string> views)
    {
        var placed = false;
        if (ZoneOf(record.Record.Owner) is { } origin)
        {
            foreach (var view in views)
            {
                if (record.View is null || record.View == view)
                {
                    (Overlay.TryGetValue((view, origin), out var list) ? list : Overlay[(view, origin)] = []).Add(record);
                    placed = true;
                }
            }
        }

        if (!placed)
        {
            Outside.Add(record);
        }
    }
}
