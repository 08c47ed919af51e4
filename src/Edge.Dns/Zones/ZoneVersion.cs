using Edge.Dns.Snapshots;
using Edge.Dns.Wire;
using Edge.Dns.Zones.Packed;

namespace Edge.Dns.Zones;

/// <summary>One zone of one view as it is served now, and what it was built from; the next version is built from it.</summary>
internal sealed class ZoneVersion
{
    private static readonly ShardedMap<Name, OwnerInputs> NoInputs = new();

    private readonly DeclaredZone _declared;
    private readonly DeclaredZone? _view;
    private readonly ShardedMap<Name, OwnerInputs> _inputs;
    private readonly Dictionary<Name, List<OverlayRecord>> _unplaced;
    private readonly Dictionary<Name, RRset> _aliases;

    private ZoneVersion(
        Zone zone, DeclaredZone declared, DeclaredZone? view, ShardedMap<Name, OwnerInputs> inputs, Dictionary<Name, List<OverlayRecord>> unplaced, Dictionary<Name, RRset> aliases) =>
        (Zone, _declared, _view, _inputs, _unplaced, _aliases) = (zone, declared, view, inputs, unplaced, aliases);

    /// <summary>What queries are answered from.</summary>
    public Zone Zone { get; }

    /// <summary>What could not be laid over it.</summary>
    public IEnumerable<OverlayRecord> Unplaced => _unplaced.Values.SelectMany(records => records);

    /// <summary>The ALIAS sets in effect, which are no part of <see cref="Zone"/>.</summary>
    public IReadOnlyCollection<RRset> Aliases => _aliases.Values;

    /// <summary>The version that follows <paramref name="last"/>, or the first one; the same object when nothing is different.</summary>
    /// <param name="declared">The zone's declaration.</param>
    /// <param name="view">The declaration for this view; null when there is none.</param>
    /// <param name="inputs">What other sources say, by owner; null when they say nothing.</param>
    /// <param name="last">The version served last.</param>
    /// <param name="known">What a process before this one served last; null for a zone that is new.</param>
    public static ZoneVersion Build(DeclaredZone declared, DeclaredZone? view, ShardedMap<Name, OwnerInputs>? inputs, ZoneVersion? last, ServedSerial? known)
    {
        inputs ??= NoInputs;
        var anew = last is null || !ReferenceEquals(last._declared, declared);
        var touched = anew ? inputs.All.Select(one => one.Key).Concat(OwnersOf(view)).Concat(AliasesOf(declared)).ToHashSet() : last!.Differing(view, inputs);
        if (!anew && touched.Count == 0 && ReferenceEquals(last!._view, view))
        {
            return last;
        }

        var basis = anew ? new Zone(declared.Packed) : last!.Zone;
        touched.Add(declared.Origin);
        touched.RemoveWhere(owner => !owner.IsAtOrBelow(declared.Origin));
        var unplaced = anew ? [] : new Dictionary<Name, List<OverlayRecord>>(last!._unplaced);
        var aliases = anew ? [] : new Dictionary<Name, RRset>(last!._aliases);
        var editor = new ZoneEditor(basis);
        Fill(editor, declared.Packed, view?.Packed, inputs, touched, unplaced, aliases);
        var before = last?.Zone.Serial ?? known?.Serial;
        var renewed = last is not null && RenewalsIn(inputs, declared.Origin) != RenewalsIn(last._inputs, declared.Origin);
        var served = WithSerial(editor, declared.Origin, before, () => renewed || (last is null
            ? known is not { } kept || kept.Digest != editor.ToZone().Digest
            : anew ? !ZoneDifference.IsSame(last.Zone, editor.ToZone()) : Changed(editor, basis, touched)));
        return new ZoneVersion(served, declared, view, inputs, unplaced, aliases);
    }

    /// <summary>What files alone make of a zone in one view, its ALIAS records included: for checks, not for answers.</summary>
    public static Zone Merge(DeclaredZone declared, DeclaredZone view)
    {
        var editor = new ZoneEditor(new Zone(declared.Packed));
        foreach (var owner in OwnersOf(view).Where(owner => owner.IsAtOrBelow(declared.Origin)))
        {
            var merged = OwnerContent.Declared(owner, declared.Packed, view.Packed, null);
            editor.Set(owner, merged.Alias is { } alias ? [.. merged.Sets, alias] : [.. merged.Sets], NodeFlags.None);
        }

        return editor.ToZone();
    }

    private static IEnumerable<Name> AliasesOf(DeclaredZone declared) => declared.Packed.Aliases.Select(node => new ZoneNode(declared.Packed, node).Owner);

    private static uint RenewalsIn(ShardedMap<Name, OwnerInputs> inputs, Name origin) => inputs.Find(origin)?.Renewals ?? 0;

    private static IEnumerable<Name> OwnersOf(DeclaredZone? view)
    {
        if (view is not null)
        {
            for (var i = 0; i < view.Packed.NodeCount; i++)
            {
                if (view.Packed.Node(i).Sets > 0)
                {
                    yield return new ZoneNode(view.Packed, i).Owner;
                }
            }
        }
    }

    private HashSet<Name> Differing(DeclaredZone? view, ShardedMap<Name, OwnerInputs> inputs)
    {
        var touched = new HashSet<Name>();
        foreach (var (owner, before, now) in ShardedMap<Name, OwnerInputs>.Differing(_inputs, inputs))
        {
            if (before is null || now is null || !before.Equals(now))
            {
                touched.Add(owner);
            }
        }

        if (!ReferenceEquals(_view, view))
        {
            touched.UnionWith(OwnersOf(_view));
            touched.UnionWith(OwnersOf(view));
        }

        return touched;
    }

    // First what is declared, since cuts decide what may be laid over; then the overlay.
    private static void Fill(
        ZoneEditor editor, PackedZone zone, PackedZone? view, ShardedMap<Name, OwnerInputs> inputs, HashSet<Name> touched,
        Dictionary<Name, List<OverlayRecord>> unplaced, Dictionary<Name, RRset> aliases)
    {
        foreach (var owner in touched)
        {
            unplaced.Remove(owner);
            aliases.Remove(owner);
        }

        var declared = touched.ToDictionary(owner => owner, owner => OwnerContent.Declared(owner, zone, view, inputs.Find(owner)));
        foreach (var (owner, content) in declared)
        {
            if (content.Alias is { } alias)
            {
                aliases.Add(owner, alias);
            }

            if (inputs.Find(owner) is not { Overlay.Count: > 0 } || content.Sets.Exists(set => set.Type is RecordType.NS or RecordType.DNAME))
            {
                editor.Set(owner, [.. content.Sets], content.Flags);
            }
        }

        var overlaid = editor.CutsChanged ? inputs.All.Where(one => one.Value.Overlay.Count > 0).Select(one => one.Key).Where(owner => owner.IsAtOrBelow(zone.Origin)) : touched;
        foreach (var owner in overlaid)
        {
            unplaced.Remove(owner);
            if (inputs.Find(owner) is { Overlay.Count: > 0 } input)
            {
                var content = declared.GetValueOrDefault(owner) ?? OwnerContent.Declared(owner, zone, view, input);
                var left = new List<OverlayRecord>();
                editor.Set(owner, [.. OwnerContent.Overlaid(content, input.Overlay, editor.IsHandedAway(owner), left)], content.Flags);
                if (left.Count > 0)
                {
                    unplaced[owner] = left;
                }
            }
        }
    }

    private static bool Changed(ZoneEditor editor, Zone before, HashSet<Name> touched) => touched.Any(owner =>
    {
        List<RRset> old = before.TryFind(owner.GetHashCode(), owner.Wire, out var node) ? node.RRsets() : [];
        return !ZoneDifference.IsSame(old, editor.At(owner));
    });

    // A secondary asks for the serial only (RFC 1034 §4.3.5): it has to grow whenever what this view sees has changed,
    // whether the person raised it or not, and must never go back while somebody may hold the newer one.
    private static Zone WithSerial(ZoneEditor editor, Name origin, uint? before, Func<bool> changed)
    {
        var apex = editor.At(origin);
        var soa = Array.FindIndex(apex, set => set.Type == RecordType.SOA);
        if (soa < 0)
        {
            return editor.ToZone();
        }

        var wanted = SerialArithmetic.Of(apex[soa].Data[0]);
        var serial = before is not { } known || SerialArithmetic.IsNewer(wanted, known) ? wanted
            : changed() ? unchecked(known + 1) : known;
        if (serial != wanted)
        {
            var data = SerialArithmetic.With(apex[soa].Data[0], serial);
            RRset[] sets = [.. apex];
            sets[soa] = new RRset(origin, RecordType.SOA, apex[soa].Ttl, [data], apex[soa].Sources);
            editor.Set(origin, sets, editor.AliasAt(origin));
        }

        return editor.ToZone();
    }
}
