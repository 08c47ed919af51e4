using Edge.Dns.Wire;
using Edge.Dns.Zones.Packed;

namespace Edge.Dns.Zones;

/// <summary>What one owner holds in one view: what files declare, what updates changed, what services and challenges lay over it.</summary>
internal static class OwnerContent
{
    /// <summary>
    /// The declared sets, with changes. A name that the view declares answers every type there from the view alone: were
    /// only the declared types replaced, the public AAAA or HTTPS record would leak into the LAN. Only at the apex SOA and
    /// NS stay unless the view gives its own, because a zone is none without them (RFC 1035 §5.2).
    /// </summary>
    public static OwnerDeclaration Declared(Name owner, PackedZone zone, PackedZone? view, OwnerInputs? inputs)
    {
        var sets = SetsAt(owner, zone);
        Change(sets, owner, inputs?.Shared);
        if (view is not null && SetsAt(owner, view) is { Count: > 0 } own)
        {
            if (owner == zone.Origin)
            {
                own.AddRange(sets.Where(set => set.Type is RecordType.SOA or RecordType.NS && !own.Exists(mine => mine.Type == set.Type)));
            }

            sets = own;
        }

        var alias = sets.Find(set => set.Type == RecordType.ALIAS);
        Change(sets, owner, inputs?.OfView);
        return new OwnerDeclaration(sets, alias);
    }

    /// <summary>The declared sets with the overlay in them.</summary>
    /// <param name="declared">What <see cref="Declared"/> gave.</param>
    /// <param name="overlay">Records of this owner, in the order of the sources.</param>
    /// <param name="handedAway">Whether the owner is a cut or lies below one or below a DNAME.</param>
    /// <param name="unplaced">Gets the records that cannot be answered: below a cut, beside a CNAME, or spare ones of a name that others declare.</param>
    public static List<RRset> Overlaid(OwnerDeclaration declared, List<OverlayRecord> overlay, bool handedAway, ICollection<OverlayRecord> unplaced)
    {
        if (overlay.Count == 0)
        {
            return declared.Sets;
        }

        var records = declared.Sets.SelectMany(set => set.Records).ToList();

        // SOA and NS make an apex, and no host: the reverse zone of a single address has its PTR there.
        var isHeld = declared.Alias is not null || declared.Sets.Exists(set => set.Type is not (RecordType.SOA or RecordType.NS)) || overlay.Exists(one => one.Mode == OverlayMode.Fill);

        // Fill comes first: what is added afterwards joins names that services made as well as names of files.
        foreach (var record in overlay.OrderBy(one => one.Mode switch { OverlayMode.Fill => 0, OverlayMode.Spare => 1, _ => 2 }))
        {
            if (record.Mode == OverlayMode.Fill && declared.Exists)
            {
                // The file keeps its name: said in its declaration, nothing to report.
                continue;
            }

            if ((record.Mode == OverlayMode.Spare && isHeld) || handedAway || Clashes(records, record.Record))
            {
                unplaced.Add(record);
            }
            else
            {
                records.Add(record.Record);
            }
        }

        return [.. records.GroupBy(record => record.Type).Select(set => RRset.Of([.. set]))];
    }

    private static List<RRset> SetsAt(Name owner, PackedZone zone) =>
        zone.Find(owner.GetHashCode(), owner.Wire) is var node and >= 0 ? new ZoneNode(zone, node).RRsets() : [];

    private static void Change(List<RRset> sets, Name owner, List<ChangedRRset>? changes)
    {
        foreach (var change in changes ?? [])
        {
            sets.RemoveAll(set => set.Type == change.Type);
            if (change.Data.Length > 0)
            {
                sets.Add(RRset.Of([.. change.Data.Select(data => new ResourceRecord(owner, change.Type, change.Ttl, data, change.Source))]));
            }
        }
    }

    // RFC 2181 §10.1: a CNAME is alone at its owner, and there is one of it. The first to come stays.
    private static bool Clashes(List<ResourceRecord> present, ResourceRecord record) => record.Type is RecordType.CNAME or RecordType.DNAME
        ? present.Exists(other => other.Type != record.Type ? record.Type == RecordType.CNAME || other.Type == RecordType.CNAME : other.Data != record.Data)
        : record.Type == RecordType.SOA || present.Exists(other => other.Type == RecordType.CNAME);
}
