using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Update;

/// <summary>What a zone holds for one view, or for all of them: what is declared, as updates have left it.</summary>
internal sealed class ZoneContent
{
    private readonly DeclaredZone _zone;
    private readonly DeclaredZone? _ofView;
    private readonly ChangeSet _changes;
    private readonly IReadOnlyList<OverlayRecord> _overlay;

    /// <param name="zone">The zone's declaration.</param>
    /// <param name="ofView">What is declared over it for the view.</param>
    /// <param name="view">The view that is to be changed; null for the zone itself.</param>
    /// <param name="changes">What updates did before.</param>
    /// <param name="overlay">What services and challenges lay over zones.</param>
    /// <param name="serial">The serial served.</param>
    public ZoneContent(DeclaredZone zone, DeclaredZone? ofView, string? view, ChangeSet changes, IReadOnlyList<OverlayRecord> overlay, uint serial)
    {
        (_zone, _ofView, View, _changes, _overlay, Serial) = (zone, ofView, view, changes, overlay, serial);
    }

    /// <summary>The apex.</summary>
    public Name Origin => _zone.Origin;

    /// <summary>The view that is to be changed; null for the zone itself.</summary>
    public string? View { get; }

    /// <summary>The serial that clients see.</summary>
    public uint Serial { get; }

    /// <summary>The sets of an owner: what updates change.</summary>
    public List<HeldSet> At(Name owner) => Change(Beneath(owner), View, owner);

    /// <summary>Owners that may have something below a name.</summary>
    public IEnumerable<Name> Below(Name name) => OwnersOf(_zone).Concat(_ofView is null ? [] : OwnersOf(_ofView)).Concat(_changes.Owners(Origin)).Where(owner => owner.IsAtOrBelow(name));

    private static IEnumerable<Name> OwnersOf(DeclaredZone zone) =>
        Enumerable.Range(0, zone.Packed.NodeCount).Where(node => zone.Packed.Node(node).Sets > 0).Select(node => new ZoneNode(zone.Packed, node).Owner);

    /// <summary>The sets of an owner as they would be if nobody had updated it in this view.</summary>
    public List<HeldSet> Beneath(Name owner)
    {
        var sets = DeclaredAt(_zone, owner);
        if (View is null)
        {
            return sets;
        }

        sets = Change(sets, null, owner);
        if (_ofView is null || DeclaredAt(_ofView, owner) is not { Count: > 0 } own)
        {
            return sets;
        }

        // What a view declares is all it sees of the name, but SOA and NS at the apex: as the zone manager has it.
        if (owner == Origin)
        {
            own.AddRange(sets.Where(set => set.Type is RecordType.SOA or RecordType.NS && !own.Exists(mine => mine.Type == set.Type)));
        }

        return own;
    }

    /// <summary>The sets of an owner as clients see them: with those of services and challenges, and the serial served.</summary>
    public List<HeldSet> Seen(Name owner)
    {
        var sets = At(owner);
        var overlay = OverlayAt(owner).ToList();
        var mayFill = sets.Count == 0;
        var isSpare = mayFill && !overlay.Exists(one => one.Mode == OverlayMode.Fill);
        foreach (var record in overlay.Where(one => one.Mode switch { OverlayMode.Add => true, OverlayMode.Fill => mayFill, _ => isSpare }).Select(one => one.Record))
        {
            var place = sets.FindIndex(set => set.Type == record.Type);
            if (place < 0)
            {
                sets.Add(new HeldSet(record.Type, record.Ttl, [record.Data]));
            }
            else if (!sets[place].Has(record.Data))
            {
                sets[place] = sets[place] with { Data = sets[place].Data.Add(record.Data) };
            }
        }

        var soa = sets.FindIndex(set => set.Type == RecordType.SOA);
        if (soa >= 0)
        {
            sets[soa] = sets[soa] with { Data = [SerialArithmetic.With(sets[soa].Data[0], Serial)] };
        }

        return sets;
    }

    /// <summary>The service whose name this is; null when no service has it.</summary>
    public string? ServiceOf(Name owner) =>
        OverlayAt(owner).FirstOrDefault(one => one.Mode == OverlayMode.Fill) is { } filled && At(owner).Count == 0 ? filled.Record.Source.ToString() : null;

    private IEnumerable<OverlayRecord> OverlayAt(Name owner) =>
        _overlay.Where(one => one.Record.Owner == owner && (one.View is null || View is null || one.View == View));

    private List<HeldSet> Change(List<HeldSet> sets, string? view, Name owner)
    {
        foreach (var change in _changes.At(Origin, view, owner))
        {
            sets.RemoveAll(set => set.Type == change.Type);
            if (!change.Data.IsEmpty)
            {
                sets.Add(new HeldSet(change.Type, change.Ttl, change.Data));
            }
        }

        return sets;
    }

    private static List<HeldSet> DeclaredAt(DeclaredZone zone, Name owner) =>
        zone.Packed.Find(owner.GetHashCode(), owner.Wire) is var node and >= 0
            ? [.. new ZoneNode(zone.Packed, node).RRsets().Select(set => new HeldSet(set.Type, set.Ttl, set.Data))]
            : [];
}
