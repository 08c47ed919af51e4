using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>One version of one zone as one view sees it: immutable, read by many threads at once without locks.</summary>
public sealed class Zone
{
    private readonly ZoneNode[] _nodes;
    private readonly NameTable _table;

    internal Zone(Name origin, ImmutableArray<RRset> rrsets, ZoneNode[] nodes, RRset? negativeSoa)
    {
        Origin = origin;
        RRsets = rrsets;
        NegativeSoa = negativeSoa;
        _nodes = nodes;
        _table = new NameTable(Array.ConvertAll(nodes, node => node.Owner));
    }

    /// <summary>The apex.</summary>
    public Name Origin { get; }

    /// <summary>Everything in the zone, in canonical order of the owners (RFC 4034 §6.1).</summary>
    public IReadOnlyList<RRset> RRsets { get; }

    /// <summary>The serial of its SOA (RFC 1982); 0 when it has none.</summary>
    public uint Serial => Find(Origin, RecordType.SOA) is { } soa ? SerialArithmetic.Of(soa.Data[0]) : 0;

    /// <summary>The SOA as negative answers carry it: its TTL is the smaller of its own and MINIMUM (RFC 2308 §3).</summary>
    internal RRset? NegativeSoa { get; }

    /// <summary>
    /// Builds the zone from records that were checked before: all at or below the origin. Records of one owner and
    /// type become one RRset; an exact duplicate is dropped (RFC 2181 §5).
    /// </summary>
    public static Zone Build(Name origin, IReadOnlyCollection<ResourceRecord> records) => ZoneBuilder.Build(origin, records);

    /// <summary>
    /// What the zone says about a name at or below its origin, by which owner, and where the records came from.
    /// CNAME and DNAME are not followed: ask again for the target.
    /// </summary>
    [SkipLocalsInit]
    public ZoneExplanation Explain(Name name, RecordType type)
    {
        if (!name.IsAtOrBelow(Origin))
        {
            throw new ArgumentException($"{name} does not lie in {Origin}", nameof(name));
        }

        Span<byte> starts = stackalloc byte[NameSuffixes.MaxCount];
        Span<int> hashes = stackalloc int[NameSuffixes.MaxCount];
        var found = Lookup(new NameSuffixes(name.Wire, starts, hashes), type);
        var rrsets = found.RRset is { } rrset ? [rrset] : found.Kind == LookupKind.Answer ? found.Node.RRsets.ToImmutableArray() : [];
        return new ZoneExplanation(Origin, found.Kind, found.Node.Owner, found.FromWildcard, rrsets);
    }

    /// <summary>The RRset of exactly this owner and type, whatever lies above it; null when there is none.</summary>
    public RRset? Find(Name owner, RecordType type) =>
        _table.Find(owner.GetHashCode(), owner.Wire) is var place and >= 0 ? _nodes[place].Find(type) : null;

    /// <summary>All RRsets of exactly this owner, occluded ones too; empty when it owns none.</summary>
    public ImmutableArray<RRset> At(Name owner) =>
        _table.Find(owner.GetHashCode(), owner.Wire) is var place and >= 0 ? [.. _nodes[place].RRsets] : [];

    /// <summary>RFC 1034 §4.3.2 step 3 for one name, which lies at or below the origin; allocates nothing.</summary>
    internal LookupResult Lookup(scoped NameSuffixes name, RecordType type)
    {
        // Every ancestor of an owner is a node, so the first suffix found is the closest encloser (RFC 4592 §3.3.1).
        var suffix = 0;
        var place = _table.Find(name.Hash(0), name.Wire);
        while (place < 0)
        {
            suffix++;
            place = _table.Find(name.Hash(suffix), name[suffix]);
        }

        var node = _nodes[place];
        var exact = suffix == 0;
        if (node.Cut is { } cut)
        {
            // Step 3b; but DS at the cut is the parent's own data (RFC 4035 §3.1.4.1).
            return exact && node == cut && type == RecordType.DS
                ? AtNode(node, type, fromWildcard: false)
                : new LookupResult(LookupKind.Delegation, cut, cut.Find(RecordType.NS), false);
        }

        // Step 3c as RFC 6672 §3.2 has it: the DNAME owner itself is not redirected, all below it is.
        var redirect = node.Redirect ?? (exact ? null : node);
        if (redirect?.Find(RecordType.DNAME) is { } dname)
        {
            return new LookupResult(LookupKind.Dname, redirect, dname, false);
        }

        if (exact)
        {
            return AtNode(node, type, fromWildcard: false);
        }

        return node.Wildcard is { } wildcard
            ? AtNode(wildcard, type, fromWildcard: true)
            : new LookupResult(LookupKind.NxDomain, node, null, false);
    }

    private static LookupResult AtNode(ZoneNode node, RecordType type, bool fromWildcard)
    {
        if (node.Find(type) is { } rrset)
        {
            return new LookupResult(LookupKind.Answer, node, rrset, fromWildcard);
        }

        if (type == RecordType.ANY && node.RRsets.Length > 0)
        {
            return new LookupResult(LookupKind.Answer, node, null, fromWildcard);
        }

        return node.Find(RecordType.CNAME) is { } cname
            ? new LookupResult(LookupKind.Cname, node, cname, fromWildcard)
            : new LookupResult(LookupKind.NoData, node, null, fromWildcard);
    }
}
