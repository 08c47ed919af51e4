using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Update;

/// <summary>What the records of the update section do, one after the other (RFC 2136 §3.4.2). What they may not do they silently do not.</summary>
internal static class UpdateSteps
{
    // Address and protocol, by which two WKS records are the same one (RFC 2136 §3.4.2.2).
    private const RecordType Wks = (RecordType)11;
    private const int WksKey = 5;

    /// <summary>Does all of them.</summary>
    public static void Apply(UpdateRequest request, ZoneDraft draft)
    {
        foreach (var record in request.Updates)
        {
            switch (record.Class)
            {
                case RecordClass.IN:
                    Add(record, draft);
                    break;
                case RecordClass.Any:
                    DeleteSets(record, draft);
                    break;
                default:
                    DeleteRecord(record, draft);
                    break;
            }
        }
    }

    /// <summary>SOA and NS at the apex are never deleted as a whole (RFC 2136 §3.4.2.3).</summary>
    public static bool StaysAtApex(Name owner, RecordType type, Name origin) => type is RecordType.SOA or RecordType.NS && owner == origin;

    // RFC 2136 §3.4.2.2.
    private static void Add(UpdateRecord record, ZoneDraft draft)
    {
        var held = draft.Find(record.Owner, record.Type);
        switch (record.Type)
        {
            // A CNAME comes only where nothing else is, and nothing comes where one is; what DNSSEC needs does not count.
            case RecordType.CNAME when draft.At(record.Owner).Any(set => set.Type != RecordType.CNAME && !UpdateTypes.IsMadeHere(set.Type)):
            case not RecordType.CNAME when draft.Find(record.Owner, RecordType.CNAME) is not null:
                return;

            // A SOA replaces the one that is there, if its serial is newer than what clients see.
            case RecordType.SOA when held is null || !SerialArithmetic.IsNewer(SerialArithmetic.Of(record.Data), SerialOf(draft)):
                return;

            // There is one of these at a name (RFC 2136 §1.1.5 and RFC 6672 §2.4): the new one is the one.
            case RecordType.SOA or RecordType.CNAME or RecordType.DNAME:
                draft.Put(record.Owner, new HeldSet(record.Type, record.Ttl, [record.Data]));
                return;
        }

        // All records of a set have one TTL (RFC 2181 §5.2): the one said last.
        var data = held?.Data ?? [];
        if (record.Type == Wks && IndexOfWks(held, record.Data) is >= 0 and var place)
        {
            data = data.SetItem(place, record.Data);
        }
        else if (held?.Has(record.Data) is not true)
        {
            data = data.Add(record.Data);
        }

        draft.Put(record.Owner, new HeldSet(record.Type, record.Ttl, data));
    }

    // RFC 2136 §3.4.2.3.
    private static void DeleteSets(UpdateRecord record, ZoneDraft draft)
    {
        var types = record.Type == RecordType.ANY ? draft.At(record.Owner).Select(set => set.Type).ToList() : [record.Type];
        foreach (var type in types.Where(type => !StaysAtApex(record.Owner, type, draft.Content.Origin)))
        {
            draft.Remove(record.Owner, type);
        }
    }

    // RFC 2136 §3.4.2.4: one record; not the SOA, and not the last NS of the zone.
    private static void DeleteRecord(UpdateRecord record, ZoneDraft draft)
    {
        if (record.Type == RecordType.SOA || draft.Find(record.Owner, record.Type) is not { } held || held.IndexOf(record.Data) is not (>= 0 and var place))
        {
            return;
        }

        if (!(StaysAtApex(record.Owner, record.Type, draft.Content.Origin) && held.Data.Length == 1))
        {
            draft.Put(record.Owner, held with { Data = held.Data.RemoveAt(place) });
        }
    }

    // A SOA earlier in the same update counts as well.
    private static uint SerialOf(ZoneDraft draft)
    {
        var drafted = SerialArithmetic.Of(draft.Find(draft.Content.Origin, RecordType.SOA)!.Data[0]);
        return SerialArithmetic.IsNewer(drafted, draft.Content.Serial) ? drafted : draft.Content.Serial;
    }

    private static int IndexOfWks(HeldSet? held, RData data)
    {
        for (var i = 0; i < (held?.Data.Length ?? 0); i++)
        {
            if (data.Wire.Length >= WksKey && held!.Data[i].Wire.StartsWith(data.Wire[..WksKey]))
            {
                return i;
            }
        }

        return -1;
    }
}
