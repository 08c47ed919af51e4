using Edge.Dns.Wire;
using Edge.Dns.Zones.RecordData;

namespace Edge.Dns.Update;

/// <summary>What a client demands to be so before it changes anything (RFC 2136 §3.2).</summary>
internal static class Prerequisites
{
    /// <summary>Checks all of them; null when everything is as demanded.</summary>
    public static UpdateRefusal? Check(UpdateRequest request, ZoneContent content)
    {
        var demanded = new Dictionary<(Name Owner, RecordType Type), List<RData>>();
        foreach (var record in request.Prerequisites)
        {
            // RFC 2136 §3.2.5, in its order: TTL, zone, and then what the class says.
            if (record.RawTtl != 0)
            {
                return UpdateRefusal.Malformed($"the prerequisite {record} has a TTL, which must be 0 (RFC 2136 section 2.4)");
            }

            if (!record.Owner.IsAtOrBelow(request.Zone))
            {
                return new UpdateRefusal(Rcode.NotZone, $"the prerequisite {record} is outside of the zone {request.Zone}");
            }

            if (CheckOne(record, content, demanded) is { } refusal)
            {
                return refusal;
            }
        }

        // RFC 2136 §3.2.3: sets given with their data have to be there as a whole.
        foreach (var ((owner, type), data) in demanded)
        {
            if (content.Seen(owner).Find(set => set.Type == type) is not { } set || !set.HoldsTheSame([.. data]))
            {
                return new UpdateRefusal(Rcode.NxRrset, $"{owner} {Zones.RecordText.FormatType(type)} is not as the prerequisite demands");
            }
        }

        return null;
    }

    private static UpdateRefusal? CheckOne(UpdateRecord record, ZoneContent content, Dictionary<(Name Owner, RecordType Type), List<RData>> demanded)
    {
        switch (record.Class)
        {
            case RecordClass.Any or RecordClass.None when !record.IsEmpty:
                return UpdateRefusal.Malformed($"the prerequisite {record} has data, which only class IN may have (RFC 2136 section 2.4)");
            case RecordClass.Any or RecordClass.None or RecordClass.IN when RecordTypeText.IsMeta(record.Type) && (record.Type != RecordType.ANY || record.Class == RecordClass.IN):
                return UpdateRefusal.Malformed($"the prerequisite {record} is about a type that no zone holds");
            case RecordClass.Any when record.Type == RecordType.ANY:
                return content.Seen(record.Owner).Count > 0 ? null : new UpdateRefusal(Rcode.NxDomain, $"{record.Owner} is not in use, and the prerequisite demands it");
            case RecordClass.Any:
                return Has(record, content) ? null : new UpdateRefusal(Rcode.NxRrset, $"{record} is not there, and the prerequisite demands it");
            case RecordClass.None when record.Type == RecordType.ANY:
                return content.Seen(record.Owner).Count == 0 ? null : new UpdateRefusal(Rcode.YxDomain, $"{record.Owner} is in use, and the prerequisite forbids it");
            case RecordClass.None:
                return !Has(record, content) ? null : new UpdateRefusal(Rcode.YxRrset, $"{record} is there, and the prerequisite forbids it");
            case RecordClass.IN:
                var key = (record.Owner, record.Type);
                (demanded.TryGetValue(key, out var data) ? data : demanded[key] = []).Add(record.Data);
                return null;
            default:
                return UpdateRefusal.Malformed($"the prerequisite {record} has class {(ushort)record.Class}, which means nothing here");
        }
    }

    private static bool Has(UpdateRecord record, ZoneContent content) => content.Seen(record.Owner).Exists(set => set.Type == record.Type);
}
