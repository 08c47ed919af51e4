using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Edge.Dns.Snapshots;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>All that the sources declare, sorted to the zones and views it is for.</summary>
internal sealed class ZoneInputs
{
    private readonly ImmutableArray<string> _views;
    private readonly Dictionary<string, OrderedDictionary<Name, DeclaredZone>> _zones;
    private readonly Dictionary<string, NameTable> _origins;
    private readonly Dictionary<(string View, Name Origin), DeclaredZone> _forView = [];
    private readonly Dictionary<(string View, Name Origin), ShardedMap<Name, OwnerInputs>> _owners = [];
    private readonly Dictionary<(string View, Name Origin), ShardedMapEditor<Name, OwnerInputs>> _editors = [];
    private readonly ImmutableArray<ZoneContribution> _contributions;

    private ZoneInputs(ImmutableArray<ZoneContribution> contributions, ImmutableArray<string> views)
    {
        (_contributions, _views) = (contributions, views);
        var forAll = new OrderedDictionary<Name, DeclaredZone>();
        foreach (var zone in contributions.SelectMany(one => one.Zones))
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

    // The same zones; what is said of their owners is the last one's until it is said anew.
    private ZoneInputs(ZoneInputs last, ImmutableArray<ZoneContribution> contributions)
    {
        (_contributions, _views, _zones, _origins, _forView, Ignored) = (contributions, last._views, last._zones, last._origins, last._forView, last.Ignored);
        _owners = new(last._owners);
        Outside.AddRange(last.Outside);
    }

    /// <summary>Overlay records that lie in no zone or are for no view there is.</summary>
    public List<OverlayRecord> Outside { get; } = [];

    /// <summary>Declarations that an earlier source made already.</summary>
    public List<DeclaredZone> Ignored { get; } = [];

    /// <summary>Sorts the contributions; where the zones are those of <paramref name="last"/>, only owners of which something else is said now.</summary>
    public static ZoneInputs Gather(IEnumerable<ZoneContribution> contributions, ImmutableArray<string> views, ZoneInputs? last = null)
    {
        ImmutableArray<ZoneContribution> all = [.. contributions];
        HashSet<Name>? touched = null;
        ZoneInputs inputs;
        if (last is not null && all.Length == last._contributions.Length && all.Zip(last._contributions).All(pair => pair.First.Zones.AsSpan().SequenceEqual(pair.Second.Zones.AsSpan())))
        {
            touched = last.TouchedBy(all);
            inputs = new ZoneInputs(last, all);
            inputs.Forget(touched);
        }
        else
        {
            inputs = new ZoneInputs(all, views);
        }

        foreach (var change in all.SelectMany(one => one.Changes))
        {
            if (touched?.Contains(change.Owner) != false)
            {
                inputs.Place(change);
            }
        }

        foreach (var one in all)
        {
            foreach (var record in one.Overlay.Where(record => touched?.Contains(record.Record.Owner) != false).Concat(Listed(one.ByOwner, touched)))
            {
                inputs.Place(record);
            }
        }

        foreach (var (origin, count) in all.SelectMany(one => one.Renewals))
        {
            foreach (var view in touched?.Contains(origin) != false ? views : [])
            {
                inputs.At(view, origin, origin)?.Renewals += count;
            }
        }

        inputs.Settle();
        return inputs;
    }

    private static IEnumerable<OverlayRecord> Listed(ShardedMap<Name, OverlayRecord[]> byOwner, HashSet<Name>? touched) =>
        touched is null ? byOwner.Values.SelectMany(records => records) : touched.SelectMany(owner => byOwner.Find(owner) ?? []);

    /// <summary>The zones of a view, by origin, in the order of the sources.</summary>
    public IEnumerable<DeclaredZone> ZonesOf(string view) => _zones[view].Values;

    /// <summary>What is declared for one view over a zone; null when nothing is.</summary>
    public DeclaredZone? ForView(string view, DeclaredZone zone) =>
        _forView.GetValueOrDefault((view, zone.Origin)) is { } own && !ReferenceEquals(own, zone) ? own : null;

    /// <summary>What other sources say about owners of a zone; null when they say nothing.</summary>
    public ShardedMap<Name, OwnerInputs>? Owners(string view, Name origin) => _owners.GetValueOrDefault((view, origin));

    private HashSet<Name> TouchedBy(ImmutableArray<ZoneContribution> now)
    {
        var touched = new HashSet<Name>();
        foreach (var (before, after) in _contributions.Zip(now).Where(pair => !ReferenceEquals(pair.First, pair.Second)))
        {
            AddDiffering(before.Changes, after.Changes, change => change.Owner, touched);
            AddDiffering(before.Overlay, after.Overlay, record => record.Record.Owner, touched);
            touched.UnionWith(ShardedMap<Name, OverlayRecord[]>.Differing(before.ByOwner, after.ByOwner).Select(one => one.Key));
            touched.UnionWith(before.Renewals.Concat(after.Renewals).Select(one => one.Key).Where(origin => before.Renewals.GetValueOrDefault(origin) != after.Renewals.GetValueOrDefault(origin)));
        }

        return touched;
    }

    // Most of what a source says it said before, in the same order: what has gone is skipped, what came stands at the end.
    private static void AddDiffering<T>(ImmutableArray<T> before, ImmutableArray<T> after, Func<T, Name> ownerOf, HashSet<Name> touched)
        where T : class
    {
        if (before == after)
        {
            return;
        }

        var next = 0;
        foreach (var one in before)
        {
            if (next < after.Length && (ReferenceEquals(one, after[next]) || one.Equals(after[next])))
            {
                next++;
            }
            else
            {
                touched.Add(ownerOf(one));
            }
        }

        for (; next < after.Length; next++)
        {
            touched.Add(ownerOf(after[next]));
        }
    }

    private void Forget(HashSet<Name> touched)
    {
        Outside.RemoveAll(record => touched.Contains(record.Record.Owner));
        foreach (var (key, owners) in _owners)
        {
            foreach (var owner in touched.Where(owner => owners.Find(owner) is not null))
            {
                Mine(key).Set(owner, null);
            }
        }
    }

    // The last version of the zone holds on to what was said of its owners: what is changed is another map.
    private ShardedMapEditor<Name, OwnerInputs> Mine((string View, Name Origin) key) =>
        _editors.TryGetValue(key, out var editor) ? editor : _editors[key] = (_owners.GetValueOrDefault(key) ?? new()).Edit();

    private void Settle()
    {
        foreach (var (key, editor) in _editors)
        {
            _owners[key] = editor.ToMap();
        }

        _editors.Clear();
    }

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

        var owners = Mine((view, origin));
        if (owners.Find(owner) is { } known)
        {
            return known;
        }

        var inputs = new OwnerInputs();
        owners.Set(owner, inputs);
        return inputs;
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
