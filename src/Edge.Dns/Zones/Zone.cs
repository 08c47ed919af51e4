using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Edge.Dns.Wire;
using Edge.Dns.Zones.Packed;

namespace Edge.Dns.Zones;

/// <summary>
/// One version of one zone as one view sees it: a packed zone, which all views share, and the owners that differ from
/// it here. Immutable, read by many threads at once without locks.
/// </summary>
public sealed class Zone
{
    private readonly PackedZone _packed;
    private readonly NodeMap _overlaid;

    internal Zone(PackedZone packed)
        : this(packed, NodeMap.Empty, packed.SetCount, packed.HandingAway, 0)
    {
    }

    internal Zone(PackedZone packed, NodeMap overlaid, int sets, int handingAway, ulong digestAhead)
    {
        (_packed, _overlaid, RRsetCount, HandingAway, DigestAhead) = (packed, overlaid, sets, handingAway, digestAhead);
        if (Find(Origin, RecordType.SOA) is { } soa && soa.Data[0].Wire.Length >= 22)
        {
            Serial = SerialArithmetic.Of(soa.Data[0]);
            var minimum = BinaryPrimitives.ReadUInt32BigEndian(soa.Data[0].Wire[^4..]);
            SoaTtl = soa.Ttl;
            NegativeSoa = new RRset(soa.Owner, soa.Type, Math.Min(soa.Ttl, minimum), [soa.Data[0]], [soa.Source]);
        }
    }

    /// <summary>The apex.</summary>
    public Name Origin => _packed.Origin;

    /// <summary>Everything in the zone, made objects one by one: the apex first, else in no certain order.</summary>
    public IEnumerable<RRset> RRsets => Nodes.SelectMany(node => node.RRsets());

    /// <summary>How many RRsets there are.</summary>
    public int RRsetCount { get; }

    /// <summary>The serial of its SOA (RFC 1982); 0 when it has none.</summary>
    public uint Serial { get; }

    /// <summary>The SOA as negative answers carry it: its TTL is the smaller of its own and MINIMUM (RFC 2308 §3).</summary>
    internal RRset? NegativeSoa { get; }

    /// <summary>The TTL of the SOA at the apex, which its signature speaks of in negative answers as well (RFC 4034 §3.1.4).</summary>
    internal uint SoaTtl { get; }

    /// <summary>What it says, as one number; see <see cref="ZoneDigest"/>.</summary>
    internal ulong Digest => unchecked(_packed.Digest + DigestAhead);

    /// <summary>By how much its digest is ahead of the packed zone's.</summary>
    internal ulong DigestAhead { get; }

    internal PackedZone Packed => _packed;

    internal NodeMap Overlaid => _overlaid;

    /// <summary>Owners that hand the names below them away: cuts and DNAMEs.</summary>
    internal int HandingAway { get; }

    /// <summary>All owners and empty non-terminals, the apex first.</summary>
    internal IEnumerable<ZoneNode> Nodes
    {
        get
        {
            yield return Apex;
            for (var i = 1; i < _packed.NodeCount; i++)
            {
                if (_overlaid.Count == 0 || _overlaid.Find(NameComparison.Hash(_packed.OwnerOf(i)), _packed.OwnerOf(i)) is null)
                {
                    yield return new ZoneNode(_packed, i);
                }
            }

            foreach (var node in _overlaid.Nodes)
            {
                if (node.Exists && node.Owner != Origin)
                {
                    yield return new ZoneNode(node);
                }
            }
        }
    }

    internal ZoneNode Apex => _overlaid.Find(Origin.GetHashCode(), Origin.Wire) is { } apex ? new ZoneNode(apex) : new ZoneNode(_packed, 0);

    /// <summary>
    /// Builds the zone from records that were checked before: all at or below the origin. Records of one owner and
    /// type become one RRset; an exact duplicate is dropped (RFC 2181 §5).
    /// </summary>
    public static Zone Build(Name origin, IEnumerable<ResourceRecord> records) => new(PackedZoneBuilder.Build(origin, PackedRecords.Of(records)));

    /// <summary>The RRset of exactly this owner and type, whatever lies above it; null when there is none.</summary>
    public RRset? Find(Name owner, RecordType type) =>
        TryFind(owner.GetHashCode(), owner.Wire, out var node) && node.TryFind(type, out var set) ? set.ToRRset(node.Owner) : null;

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
        ImmutableArray<RRset> rrsets = !found.RRset.IsEmpty ? [found.RRset.ToRRset(found.Node.Owner)] : found.Kind == LookupKind.Answer ? [.. found.Node.RRsets()] : [];
        return new ZoneExplanation(Origin, found.Kind, found.Node.Owner, found.FromWildcard, rrsets);
    }

    /// <summary>The node of exactly this name; allocates nothing.</summary>
    internal bool TryFind(int hash, scoped ReadOnlySpan<byte> wire, out ZoneNode node)
    {
        if (_overlaid.Count > 0 && _overlaid.Find(hash, wire) is { } overlaid)
        {
            node = new ZoneNode(overlaid);
            return overlaid.Exists;
        }

        var number = _packed.Find(hash, wire);
        node = number >= 0 ? new ZoneNode(_packed, number) : default;
        return number >= 0;
    }

    /// <summary>
    /// The node whose addresses may go along with an answer that names it: below a cut they are glue, good for a referral
    /// and for nothing else; below a DNAME nothing is.
    /// </summary>
    internal bool TryFindAddresses(scoped NameSuffixes name, bool glue, out ZoneNode node)
    {
        if (HandingAway == 0)
        {
            return TryFind(name.Hash(0), name.Wire, out node);
        }

        node = Apex;
        var belowCut = false;
        for (var suffix = name.LabelCount - Origin.LabelCount; suffix > 0; suffix--)
        {
            belowCut |= node.IsCut;
            if ((belowCut && !glue) || (!belowCut && (node.Flags & NodeFlags.Dname) != 0) || !TryFind(name.Hash(suffix - 1), name[suffix - 1], out var child))
            {
                return false;
            }

            node = child;
        }

        return glue || !node.IsCut;
    }

    /// <summary>All RRsets of exactly this owner, occluded ones too; empty when it owns none.</summary>
    public ImmutableArray<RRset> At(Name owner) =>
        TryFind(owner.GetHashCode(), owner.Wire, out var node) ? [.. node.RRsets()] : [];

    /// <summary>RFC 1034 §4.3.2 step 3 for one name, which lies at or below the origin; allocates nothing.</summary>
    internal LookupResult Lookup(scoped NameSuffixes name, RecordType type)
    {
        var suffix = 0;
        ZoneNode node;
        if (HandingAway > 0)
        {
            // Step 3b, and step 3c as RFC 6672 §3.2 has it: from the apex down, the first that hands away decides.
            if (TryHandAway(name, type, out suffix, out node, out var away))
            {
                return away;
            }
        }
        else
        {
            // Every ancestor of an owner is a node, so the first suffix found is the closest encloser (RFC 4592 §3.3.1).
            while (!TryFind(name.Hash(suffix), name[suffix], out node))
            {
                suffix++;
            }
        }

        if (suffix == 0)
        {
            return AtNode(node, type, fromWildcard: false);
        }

        return (node.Flags & NodeFlags.HasWildcard) != 0 && TryFindWildcard(name, suffix, out var wildcard)
            ? AtNode(wildcard, type, fromWildcard: true)
            : new LookupResult(LookupKind.NxDomain, node, default, false);
    }

    private bool TryHandAway(scoped NameSuffixes name, RecordType type, out int suffix, out ZoneNode node, out LookupResult away)
    {
        away = default;
        node = Apex;
        for (suffix = name.LabelCount - Origin.LabelCount; ; suffix--)
        {
            // DS at the cut is the parent's own data (RFC 4035 §3.1.4.1).
            if (node.IsCut && !(suffix == 0 && type == RecordType.DS) && node.TryFind(RecordType.NS, out var ns))
            {
                away = new LookupResult(LookupKind.Delegation, node, ns, false);
                return true;
            }

            // The DNAME owner itself is not redirected, all below it is.
            if (suffix > 0 && (node.Flags & NodeFlags.Dname) != 0 && node.TryFind(RecordType.DNAME, out var dname))
            {
                away = new LookupResult(LookupKind.Dname, node, dname, false);
                return true;
            }

            if (suffix == 0 || !TryFind(name.Hash(suffix - 1), name[suffix - 1], out var child))
            {
                return false;
            }

            node = child;
        }
    }

    [SkipLocalsInit]
    private bool TryFindWildcard(scoped NameSuffixes name, int encloser, out ZoneNode wildcard)
    {
        var below = name[encloser];
        wildcard = default;
        if (below.Length + 2 > Name.MaxWireLength)
        {
            return false;
        }

        Span<byte> wire = stackalloc byte[Name.MaxWireLength];
        wire[0] = 1;
        wire[1] = (byte)'*';
        below.CopyTo(wire[2..]);
        return TryFind(name.WildcardHash(encloser), wire[..(below.Length + 2)], out wildcard);
    }

    private static LookupResult AtNode(ZoneNode node, RecordType type, bool fromWildcard)
    {
        if (node.TryFind(type, out var rrset))
        {
            return new LookupResult(LookupKind.Answer, node, rrset, fromWildcard);
        }

        if (type == RecordType.ANY && node.SetCount > 0)
        {
            return new LookupResult(LookupKind.Answer, node, default, fromWildcard);
        }

        // RRSIG and NSEC stand beside the CNAME and are its owner's own (RFC 4035 §2.5): they are not looked for at its target.
        if (type is not (RecordType.RRSIG or RecordType.NSEC) && node.TryFind(RecordType.CNAME, out var cname))
        {
            return new LookupResult(LookupKind.Cname, node, cname, fromWildcard);
        }

        var unresolved = type is RecordType.A or RecordType.AAAA && (node.Flags & NodeFlags.Unresolved) != 0;
        return new LookupResult(unresolved ? LookupKind.Unresolved : LookupKind.NoData, node, default, fromWildcard);
    }
}
