using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>Makes of RRsets the tree that lookups need: empty non-terminals, wildcards, cuts, redirections, glue.</summary>
internal sealed class ZoneBuilder
{
    private readonly Name _origin;
    private readonly Dictionary<Name, ZoneNode> _nodes;
    private readonly List<ZoneNode> _inOrder;

    private ZoneBuilder(Name origin, int size)
    {
        _origin = origin;
        _nodes = new Dictionary<Name, ZoneNode>(size);
        _inOrder = new List<ZoneNode>(size);
    }

    public static Zone Build(Name origin, IReadOnlyCollection<ResourceRecord> records)
    {
        var rrsets = RRsetGrouping.Group(records);
        var builder = new ZoneBuilder(origin, rrsets.Length);
        builder.NodeAt(origin);
        builder.AddNodes(rrsets);
        foreach (var rrset in rrsets)
        {
            builder.LinkAdditional(rrset);
        }

        return new Zone(origin, rrsets, [.. builder._inOrder], NegativeSoa(builder._nodes[origin].Find(RecordType.SOA)));
    }

    // The RRsets come in canonical order, so those of one owner stand together and ancestors come first.
    private void AddNodes(ImmutableArray<RRset> rrsets)
    {
        var all = ImmutableCollectionsMarshal.AsArray(rrsets)!;
        for (var start = 0; start < all.Length;)
        {
            var end = start + 1;
            while (end < all.Length && all[end].Owner == all[start].Owner)
            {
                end++;
            }

            var node = NodeAt(all[start].Owner);
            node.RRsets = all[start..end];
            if (node.Redirect is null && node.Cut is null && node.Owner != _origin && !node.Owner.IsWildcard && node.Find(RecordType.NS) is not null)
            {
                // NS at a wildcard has no defined meaning (RFC 4592 §4.2): it is data, not a cut.
                node.Cut = node;
            }

            start = end;
        }
    }

    private ZoneNode NodeAt(Name owner)
    {
        if (_nodes.TryGetValue(owner, out var node))
        {
            return node;
        }

        node = new ZoneNode(owner);
        if (owner != _origin)
        {
            var parent = NodeAt(owner.Parent!);
            node.Cut = parent.Cut;
            node.Redirect = parent.Redirect ?? (parent.Cut is null && parent.Find(RecordType.DNAME) is not null ? parent : null);
            if (owner.IsWildcard)
            {
                parent.Wildcard = node;
            }
        }

        _nodes.Add(owner, node);
        _inOrder.Add(node);
        return node;
    }

    private void LinkAdditional(RRset rrset)
    {
        var offset = RDataNames.AdditionalTargetOffset(rrset.Type);
        if (offset < 0)
        {
            return;
        }

        var referral = rrset.Type == RecordType.NS && _nodes[rrset.Owner].Cut is not null;
        var required = new List<RRset>();
        var optional = new List<RRset>();
        foreach (var data in rrset.Data)
        {
            var length = data.Wire.Length > offset ? RDataNames.NameLength(data.Wire[offset..]) : -1;
            if (length < 0)
            {
                continue;
            }

            var target = Name.FromWire(data.Wire.Slice(offset, length));
            if (target.IsRoot && rrset.Type is RecordType.SVCB or RecordType.HTTPS)
            {
                // RFC 9460 §2.5: "." stands for the owner itself; what that is, a wildcard does not know.
                if (rrset.Owner.IsWildcard)
                {
                    continue;
                }

                target = rrset.Owner;
            }

            // Addresses below a cut are glue: good for a referral, not for anything else.
            if (_nodes.TryGetValue(target, out var node) && (referral || node.Cut is null) && node.Redirect is null)
            {
                // RFC 9471 §3.1: glue within the delegated zone is required, glue of a sibling is not (§3.2).
                var list = referral && target.IsAtOrBelow(rrset.Owner) ? required : optional;
                list.AddRange(node.RRsets.Where(set => set.Type is RecordType.A or RecordType.AAAA && !list.Contains(set)));
            }
        }

        rrset.Additional = [.. required, .. optional];
        rrset.RequiredAdditional = required.Count;
    }

    private static RRset? NegativeSoa(RRset? soa)
    {
        if (soa is null || soa.Data[0].Wire.Length < 22)
        {
            return null;
        }

        var minimum = BinaryPrimitives.ReadUInt32BigEndian(soa.Data[0].Wire[^4..]);
        return new RRset(soa.Owner, soa.Type, Math.Min(soa.Ttl, minimum), [soa.Data[0]], [soa.Source]);
    }
}
