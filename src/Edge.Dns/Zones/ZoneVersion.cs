using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>One zone of one view as it is served now, and what it was built from.</summary>
/// <param name="Zone">What queries are answered from.</param>
/// <param name="Declared">The zone's declaration for all views.</param>
/// <param name="View">The declaration for this view; null when there is none.</param>
/// <param name="Overlay">What was laid over it.</param>
/// <param name="Records">All records, the SOA as it was declared.</param>
/// <param name="Serial">The serial that is served.</param>
/// <param name="Unplaced">What could not be laid over it.</param>
/// <param name="Changes">The RRsets that updates have left otherwise than declared.</param>
internal sealed record ZoneVersion(
    Zone Zone,
    DeclaredZone Declared,
    DeclaredZone? View,
    ImmutableArray<OverlayRecord> Overlay,
    ImmutableArray<ResourceRecord> Records,
    uint Serial,
    ImmutableArray<OverlayRecord> Unplaced,
    ImmutableArray<ChangedRRset> Changes)
{
    /// <summary>Whether this version still is what the inputs say.</summary>
    public bool IsOf(DeclaredZone declared, DeclaredZone? view, List<ChangedRRset> changes, List<OverlayRecord> overlay) =>
        ReferenceEquals(Declared, declared) && ReferenceEquals(View, view) && changes.SequenceEqual(Changes, ReferenceEqualityComparer.Instance)
        && Overlay.AsSpan().SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(overlay));

    /// <summary>Builds the version that follows <paramref name="last"/>, or the first one.</summary>
    public static ZoneVersion Build(DeclaredZone declared, DeclaredZone? view, List<ChangedRRset> changes, List<OverlayRecord> overlay, ZoneVersion? last)
    {
        var origin = declared.Origin;
        var unplaced = new List<OverlayRecord>();
        var shared = Changed(declared.Records, [.. changes.Where(change => change.View is null)]);
        var seen = view is null ? shared : ZoneMerge.Apply(origin, shared, view.Records);
        var records = ZoneOverlay.Apply(origin, Changed(seen, [.. changes.Where(change => change.View is not null)]), overlay, unplaced);
        var soa = records.FirstOrDefault(record => record.Type == RecordType.SOA && record.Owner == origin);
        var wanted = soa is null ? 0 : SerialArithmetic.Of(soa.Data);
        var serial = Next(wanted, records, last);
        var served = soa is null || serial == wanted ? records : records.Replace(soa, soa with { Data = SerialArithmetic.With(soa.Data, serial) });
        return new ZoneVersion(Zone.Build(origin, served), declared, view, [.. overlay], records, serial, [.. unplaced], [.. changes]);
    }

    private static ImmutableArray<ResourceRecord> Changed(ImmutableArray<ResourceRecord> records, List<ChangedRRset> changes)
    {
        if (changes.Count == 0)
        {
            return records;
        }

        var sets = changes.Select(change => (change.Owner, change.Type)).ToHashSet();
        return
        [
            .. records.Where(record => !sets.Contains((record.Owner, record.Type))),
            .. changes.SelectMany(change => change.Data.Select(data => new ResourceRecord(change.Owner, change.Type, change.Ttl, data, change.Source))),
        ];
    }

    // A secondary asks for the serial only (RFC 1034 §4.3.5): it has to grow whenever what this view sees has changed,
    // whether the person raised it or not, and must never go back while somebody may hold the newer one.
    private static uint Next(uint wanted, ImmutableArray<ResourceRecord> records, ZoneVersion? last)
    {
        if (last is null || SerialArithmetic.IsNewer(wanted, last.Serial))
        {
            return wanted;
        }

        return SameContent(records, last.Records) ? last.Serial : unchecked(last.Serial + 1);
    }

    // Where a record stands in a file is not content, and neither is the serial itself.
    private static bool SameContent(ImmutableArray<ResourceRecord> a, ImmutableArray<ResourceRecord> b) =>
        a.Length == b.Length && a.Select(Content).ToHashSet().SetEquals(b.Select(Content));

    private static (Name, RecordType, uint, RData) Content(ResourceRecord record) => (
        record.Owner, record.Type, record.Ttl, record.Type == RecordType.SOA && record.Data.Wire.Length >= 22 ? SerialArithmetic.With(record.Data, 0) : record.Data);
}
