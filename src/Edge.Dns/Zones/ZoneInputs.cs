using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>All that the sources declare, sorted to the zones and views it is for.</summary>
internal sealed class ZoneInputs
{
    private readonly ImmutableArray<string> _views;
    private readonly Dictionary<string, OrderedDictionary<Name, DeclaredZone>> _zones;
    private readonly Dictionary<string, NameTable> _origins;
    private readonly Dictionary<(string View, Name Origin), DeclaredZone> _forView = [];
    private readonly Dictionary<(string View, Name Origin), Dictionary<Name, OwnerInputs>> _owners = [];

    private ZoneInputs(IEnumerable<DeclaredZone> declared, ImmutableArray<string> views)
    {
        _views = views;
        var forAll = new OrderedDictionary<Name, DeclaredZone>();
        foreach (var zone in declared)
        {
            if (!(zone.View is null ? forAll.TryAdd(zone.Origin, zone) : _forView.TryAdd((zone.View, zone.Origin), zone)))
            {
                Ignored.Add(zone);
            }
        }

        _zones = views.ToDictionary(view => view, _ => new OrderedDictionary<Name, DeclaredZone>(forAll));
        foreach (var ((view, origin), zone) in _forView.Where(one => !forAll.ContainsKey(one.Key.Origin) && one.Value.HasSoa))
        {
            if (_zones.TryGetValue(view, out var whole))
            {
                whole.Add(origin, zone);
            }
        }

        _origins = views.ToDictionary(view => view, view => new NameTable([.. _zones[view].Keys]));
    }

    /// <summary>Overlay records that lie in no zone or are for no view there is.</summary>
    public List<OverlayRecord> Outside { get; } = [];

    /// <summary>Declarations that an earlier source made already.</summary>
    public List<DeclaredZone> Ignored { get; } = [];

    /// <summary>Sorts the contributions.</summary>
    public static ZoneInputs Gather(IEnumerable<ZoneContribution> contributions, ImmutableArray<string> views)
    {
        var all = contributions.ToList();
        var inputs = new ZoneInputs(all.SelectMany(one => one.Zones), views);
        foreach (var change in all.SelectMany(one => one.Changes))
        {
            inputs.Place(change);
        }

        foreach (var record in all.SelectMany(one => one.Overlay))
        {
            inputs.Place(record);
        }

        return inputs;
    }

    /// <summary>The zones of a view, by origin, in the order of the sources.</summary>
    public IEnumerable<DeclaredZone> ZonesOf(string view) => _zones[view].Values;

    /// <summary>What is declared for one view over a zone; null when nothing is.</summary>
    public DeclaredZone? ForView(string view, DeclaredZone zone) =>
        _forView.GetValueOrDefault((view, zone.Origin)) is { } own && !ReferenceEquals(own, zone) ? own : null;

    /// <summary>What other sources say about owners of a zone; null when they say nothing.</summary>
    public Dictionary<Name, OwnerInputs>? Owners(string view, Name origin) => _owners.GetValueOrDefault((view, origin));

    private void Place(ChangedRRset change)
    {
        foreach (var view in _views)
        {
            if ((change.View is null || change.View == view) && At(view, change.Owner, change.Zone) is { } inputs)
            {
                (change.View is null ? inputs.Shared : inputs.OfView).Add(change);
            }
        }
    }

    private void Place(OverlayRecord record)
    {
        var placed = false;
        foreach (var view in _views)
        {
            if ((record.View is null || record.View == view) && At(view, record.Record.Owner) is { } inputs)
            {
                inputs.Overlay.Add(record);
                placed = true;
            }
        }

        if (!placed)
        {
            Outside.Add(record);
        }
    }

    private OwnerInputs? At(string view, Name owner, Name? zone = null)
    {
        if ((zone is null ? OriginOf(view, owner) : _zones[view].ContainsKey(zone) ? zone : null) is not { } origin)
        {
            return null;
        }

        var owners = _owners.TryGetValue((view, origin), out var known) ? known : _owners[(view, origin)] = [];
        return owners.TryGetValue(owner, out var inputs) ? inputs : owners[owner] = new OwnerInputs();
    }

    // The closest enclosing zone is the one that is asked for the name (RFC 1034 §4.3.2 step 2).
    [SkipLocalsInit]
    private Name? OriginOf(string view, Name owner)
    {
        Span<byte> starts = stackalloc byte[NameSuffixes.MaxCount];
        Span<int> hashes = stackalloc int[NameSuffixes.MaxCount];
        var name = new NameSuffixes(owner.Wire, starts, hashes);
        for (var suffix = 0; suffix <= name.LabelCount; suffix++)
        {
            if (_origins[view].Find(name.Hash(suffix), name[suffix]) is var place and >= 0)
            {
                return _zones[view].GetAt(place).Key;
            }
        }

        return null;
    }
}
