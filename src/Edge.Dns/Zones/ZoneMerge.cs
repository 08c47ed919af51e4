using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>Lays what is declared for one view over the zone that is declared for all.</summary>
internal static class ZoneMerge
{
    /// <summary>
    /// A name declared for the view answers every type there: were only the declared types replaced, the public AAAA or
    /// HTTPS record would leak into the LAN. Only at the apex SOA and NS stay unless the view gives its own, because a
    /// zone is none without them (RFC 1035 §5.2).
    /// </summary>
    public static ImmutableArray<ResourceRecord> Apply(Name origin, ImmutableArray<ResourceRecord> zone, ImmutableArray<ResourceRecord> view)
    {
        if (view.IsEmpty)
        {
            return zone;
        }

        var owners = view.Select(record => record.Owner).ToHashSet();
        var ownSoa = view.Any(record => record.Owner == origin && record.Type == RecordType.SOA);
        var ownNs = view.Any(record => record.Owner == origin && record.Type == RecordType.NS);
        return
        [
            .. zone.Where(record => !owners.Contains(record.Owner) || (record.Owner == origin && record.Type switch
            {
                RecordType.SOA => !ownSoa,
                RecordType.NS => !ownNs,
                _ => false,
            })),
            .. view,
        ];
    }
}
