using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>Where validation begins, and below which names there is none.</summary>
internal sealed class TrustAnchorSet(ImmutableArray<TrustPoint> points, ImmutableArray<NegativeAnchor> negative)
{
    public ImmutableArray<TrustPoint> Points { get; } = points;

    /// <summary>The anchors that DS and DNSKEY records say.</summary>
    public static TrustAnchorSet Of(IEnumerable<ResourceRecord> records, ImmutableArray<NegativeAnchor> negative) => new(
    [
        .. records.GroupBy(record => record.Owner).Select(zone => new TrustPoint(
            zone.Key,
            [.. zone.Where(record => record.Type == RecordType.DS).Select(record => record.Data)],
            [.. zone.Where(record => record.Type == RecordType.DNSKEY).Select(record => record.Data)])),
    ], negative);

    /// <summary>
    /// The anchor that a name hangs from: the nearest one at or above it; null when there is none, or a negative anchor is
    /// at least as near (RFC 7646 §2: validation can begin anew below one).
    /// </summary>
    public TrustPoint? Above(Name name, DateTimeOffset now)
    {
        TrustPoint? nearest = null;
        foreach (var point in Points)
        {
            if (name.IsAtOrBelow(point.Zone) && (nearest is null || point.Zone.LabelCount > nearest.Zone.LabelCount))
            {
                nearest = point;
            }
        }

        return nearest is not null && Waiver(name, nearest.Zone.LabelCount, now) is null ? nearest : null;
    }

    /// <summary>The negative anchor that holds for a name; null when none does.</summary>
    public NegativeAnchor? Waiver(Name name, int leastLabels, DateTimeOffset now)
    {
        foreach (var waiver in negative)
        {
            if (name.IsAtOrBelow(waiver.Name) && waiver.Name.LabelCount >= leastLabels && (waiver.Until is not { } end || now < end))
            {
                return waiver;
            }
        }

        return null;
    }
}
