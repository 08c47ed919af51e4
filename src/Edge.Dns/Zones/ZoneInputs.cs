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

        return inputs;
    }

    private void Place(OverlayRecord record, ImmutableArray<string> views)
    {
        // The closest enclosing zone is the one that is asked for the name (RFC 1034 §4.3.2 step 2).
        var origin = record.Record.Owner;
        while (origin is not null && !Zones.ContainsKey(origin))
        {
            origin = origin.Parent;
        }

        var placed = false;
        if (origin is not null)
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
