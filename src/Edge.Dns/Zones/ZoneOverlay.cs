using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>Lays records of sources that own no zone over the records that files declare for one view.</summary>
internal static class ZoneOverlay
{
    /// <summary>The records with the overlay in them; what cannot be served goes into <paramref name="unplaced"/>.</summary>
    /// <param name="origin">The zone's apex.</param>
    /// <param name="declared">The zone as this view's files declare it.</param>
    /// <param name="overlay">What belongs to this zone and view, in the order of the sources.</param>
    /// <param name="unplaced">Gets the records that cannot be answered: below a cut, or beside a CNAME.</param>
    public static ImmutableArray<ResourceRecord> Apply(
        Name origin, ImmutableArray<ResourceRecord> declared, IReadOnlyList<OverlayRecord> overlay, ICollection<OverlayRecord> unplaced)
    {
        if (overlay.Count == 0)
        {
            return declared;
        }

        var index = new ZoneIndex(origin, declared);
        var owned = index.Owners.Keys.ToHashSet();
        var records = declared.ToBuilder();

        // Fill comes first: what is added afterwards joins names that services made as well as names of files.
        foreach (var record in overlay.Where(one => one.Mode == OverlayMode.Fill).Concat(overlay.Where(one => one.Mode == OverlayMode.Add)))
        {
            var owner = record.Record.Owner;
            if (record.Mode == OverlayMode.Fill && owned.Contains(owner))
            {
                // The file keeps its name: said in its declaration, nothing to report.
                continue;
            }

            if (index.IsDelegation(owner) || index.CutAbove(owner) is not null || Clashes(index.At(owner), record.Record))
            {
                unplaced.Add(record);
            }
            else
            {
                index.Add(record.Record);
                records.Add(record.Record);
            }
        }

        return records.DrainToImmutable();
    }

    // RFC 2181 §10.1: a CNAME is alone at its owner, and there is one of it. The first to come stays.
    private static bool Clashes(IReadOnlyList<ResourceRecord> present, ResourceRecord record) => record.Type is RecordType.CNAME or RecordType.DNAME
        ? present.Any(other => other.Type != record.Type ? record.Type == RecordType.CNAME || other.Type == RecordType.CNAME : other.Data != record.Data)
        : record.Type == RecordType.SOA || present.Any(other => other.Type == RecordType.CNAME);
}
