using Edge.Dns.Wire;
using Edge.Dns.Zones.Packed;

namespace Edge.Dns.Zones;

/// <summary>Makes the next version of a zone: replaces owners one by one and keeps the tree above them true.</summary>
internal sealed class ZoneEditor(Zone from)
{
    private const NodeFlags OfAlias = NodeFlags.Alias | NodeFlags.Unresolved;

    private readonly Dictionary<Name, OverlaidNode?> _edits = [];
    private int _sets = from.RRsetCount;
    private int _handingAway = from.HandingAway;
    private ulong _digestAhead = from.DigestAhead;

    /// <summary>Whether a cut or a DNAME came or went: then what lies below may be another server's business, or ours again.</summary>
    public bool CutsChanged { get; private set; }

    /// <summary>Replaces all that an owner has; no sets and no ALIAS take it away.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="sets">Its sets.</param>
    /// <param name="alias">What is to be known of its ALIAS; nothing where it has none.</param>
    public void Set(Name owner, RRset[] sets, NodeFlags alias)
    {
        var old = Current(owner);
        if (old is not null ? SameSets(old.Sets, sets) && (old.Flags & OfAlias) == alias : sets.Length == 0 && alias == NodeFlags.None)
        {
            return;
        }

        var flags = FlagsOf(owner, sets) | alias;
        _sets += sets.Length - (old?.Sets.Length ?? 0);
        CountAway(old?.Flags ?? NodeFlags.None, flags);
        _digestAhead = unchecked(_digestAhead + DigestOf(sets) - DigestOf(old?.Sets ?? []));
        if (sets.Length == 0 && alias == NodeFlags.None && old!.Children == 0 && owner != from.Origin)
        {
            Remove(old);
            return;
        }

        Write(new OverlaidNode(owner, sets, old?.Children ?? 0, flags | ((old?.Flags ?? NodeFlags.None) & NodeFlags.HasWildcard)));
        if (old is null)
        {
            Link(owner);
        }
    }

    /// <summary>What is known of an owner's ALIAS now.</summary>
    public NodeFlags AliasAt(Name owner) => (Current(owner)?.Flags ?? NodeFlags.None) & OfAlias;

    /// <summary>The sets an owner has now.</summary>
    public RRset[] At(Name owner) => Current(owner)?.Sets ?? [];

    /// <summary>Whether a name is a zone cut, or lies below one or below a DNAME: nothing is answered from there.</summary>
    public bool IsHandedAway(Name owner)
    {
        if (_handingAway == 0)
        {
            return false;
        }

        if (Current(owner) is { } node && (node.Flags & NodeFlags.Cut) != 0)
        {
            return true;
        }

        for (var above = owner; above != from.Origin; )
        {
            above = above.Parent!;
            if (Current(above) is { } node2 && (node2.Flags & (NodeFlags.Cut | NodeFlags.Dname)) != 0)
            {
                return true;
            }
        }

        return false;
    }

    public Zone ToZone() => _edits.Count == 0 ? from : new Zone(from.Packed, from.Overlaid.With(_edits), _sets, _handingAway, _digestAhead);

    private OverlaidNode? Current(Name owner)
    {
        if (_edits.TryGetValue(owner, out var edit))
        {
            return edit is { Exists: true } ? edit : null;
        }

        if (from.Overlaid.Find(owner.GetHashCode(), owner.Wire) is { } overlaid)
        {
            return overlaid.Exists ? overlaid : null;
        }

        return from.Packed.Find(owner.GetHashCode(), owner.Wire) is var number and >= 0 ? Unpack(new ZoneNode(from.Packed, number)) : null;
    }

    private static OverlaidNode Unpack(ZoneNode node) => new(node.Owner, [.. node.RRsets()], node.Children, node.Flags);

    private NodeFlags FlagsOf(Name owner, RRset[] sets)
    {
        var flags = NodeFlags.None;
        foreach (var set in sets)
        {
            flags |= set.Type switch
            {
                RecordType.NS when owner != from.Origin && !owner.IsWildcard => NodeFlags.Cut,
                RecordType.DNAME => NodeFlags.Dname,
                _ => NodeFlags.None,
            };
        }

        return flags;
    }

    private static ulong DigestOf(RRset[] sets)
    {
        var sum = 0UL;
        foreach (var set in sets)
        {
            sum += ZoneDigest.Of(set.Owner.Wire, set.Wire);
        }

        return sum;
    }

    private void CountAway(NodeFlags before, NodeFlags after)
    {
        const NodeFlags Away = NodeFlags.Cut | NodeFlags.Dname;
        CutsChanged |= (before & Away) != (after & Away);
        _handingAway += ((after & Away) != 0 ? 1 : 0) - ((before & Away) != 0 ? 1 : 0);
    }

    // A new name makes all names above it exist (RFC 4592 §2.2.2).
    private void Link(Name owner)
    {
        var above = owner.Parent!;
        var wildcard = owner.IsWildcard ? NodeFlags.HasWildcard : NodeFlags.None;
        if (Current(above) is { } parent)
        {
            Write(parent with { Children = parent.Children + 1, Flags = parent.Flags | wildcard });
            return;
        }

        Write(new OverlaidNode(above, [], 1, wildcard));
        Link(above);
    }

    private void Remove(OverlaidNode node)
    {
        var packed = from.Packed.Find(node.Owner.GetHashCode(), node.Owner.Wire) >= 0;
        _edits[node.Owner] = packed ? node with { Sets = [], Children = 0, Flags = NodeFlags.None, Exists = false } : null;
        var parent = Current(node.Owner.Parent!)!;
        var flags = node.Owner.IsWildcard ? parent.Flags & ~NodeFlags.HasWildcard : parent.Flags;
        parent = parent with { Children = parent.Children - 1, Flags = flags };
        if (parent.Sets.Length == 0 && (parent.Flags & NodeFlags.Alias) == 0 && parent.Children == 0 && parent.Owner != from.Origin)
        {
            Remove(parent);
        }
        else
        {
            Write(parent);
        }
    }

    private void Write(OverlaidNode node) => _edits[node.Owner] = node;

    private static bool SameSets(RRset[] a, RRset[] b)
    {
        if (a.Length != b.Length)
        {
            return false;
        }

        for (var i = 0; i < a.Length; i++)
        {
            if (!ReferenceEquals(a[i], b[i]) && !(a[i].SaysTheSame(b[i]) && a[i].Sources.AsSpan().SequenceEqual(b[i].Sources.AsSpan())))
            {
                return false;
            }
        }

        return true;
    }
}
