using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.RecordData;

namespace Edge.Dns.Update;

/// <summary>The scan of the update section before anything is changed (RFC 2136 §3.4.1), and with it what the key may (§3.3).</summary>
internal static class UpdateChecks
{
    /// <summary>Checks the whole section; null when all of it may be done.</summary>
    public static UpdateRefusal? Check(UpdateRequest request, UpdateKey key, ZoneContent content)
    {
        foreach (var record in request.Updates)
        {
            if (!record.Owner.IsAtOrBelow(request.Zone))
            {
                return new UpdateRefusal(Rcode.NotZone, $"{record} is outside of the zone {request.Zone}");
            }

            if ((Form(record) ?? NotTaken(record, content) ?? Permission(record, key, content)) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    // RFC 2136 §3.4.1.3, class by class.
    private static UpdateRefusal? Form(UpdateRecord record)
    {
        var meta = RecordTypeText.IsMeta(record.Type);
        return record.Class switch
        {
            RecordClass.IN when meta => UpdateRefusal.Malformed($"{record} cannot be added: no zone holds this type"),
            RecordClass.IN when !UpdateTypes.IsData(record.Type, record.Data) => UpdateRefusal.Malformed($"the data of {record} is not what its type demands"),
            RecordClass.IN => null,
            RecordClass.Any or RecordClass.None when record.RawTtl != 0 => UpdateRefusal.Malformed($"the deletion of {record} has a TTL, which must be 0 (RFC 2136 section 2.5)"),
            RecordClass.Any when !record.IsEmpty => UpdateRefusal.Malformed($"the deletion of the set {record} has data"),
            RecordClass.Any when meta && record.Type != RecordType.ANY => UpdateRefusal.Malformed($"{record} cannot be deleted: no zone holds this type"),
            RecordClass.Any => null,
            RecordClass.None when meta => UpdateRefusal.Malformed($"{record} cannot be deleted: no zone holds this type"),
            RecordClass.None => null,
            _ => UpdateRefusal.Malformed($"{record} has class {(ushort)record.Class}, which means nothing here"),
        };
    }

    private static UpdateRefusal? NotTaken(UpdateRecord record, ZoneContent content)
    {
        if (UpdateTypes.IsMadeHere(record.Type))
        {
            return UpdateRefusal.Forbidden($"{record}: Edge makes signatures and proofs of absence itself");
        }

        // What a zone file may not have either (RFC 4592 §4.2, §4.4).
        if (record is { Class: RecordClass.IN, Owner.IsWildcard: true, Type: RecordType.NS or RecordType.DNAME })
        {
            return UpdateRefusal.Forbidden($"{record}: a wildcard can neither be delegated nor redirected");
        }

        return content.ServiceOf(record.Owner) is { } service
            ? UpdateRefusal.Forbidden($"{record.Owner} is a name of {service}: it goes with its registration")
            : null;
    }

    private static UpdateRefusal? Permission(UpdateRecord record, UpdateKey key, ZoneContent content)
    {
        if (record.Type != RecordType.ANY)
        {
            return key.Allows(record.Owner, record.Type) ? null : Denied(key, record.ToString());
        }

        // All types of a name: those that are there count, but SOA and NS at the apex, which stay in any case (RFC 2136 §3.4.2.3).
        if (!key.AllowsSomeAt(record.Owner))
        {
            return Denied(key, record.Owner.ToString());
        }

        var denied = content.At(record.Owner).Find(set => !UpdateSteps.StaysAtApex(record.Owner, set.Type, content.Origin) && !key.Allows(record.Owner, set.Type));
        return denied is null ? null : Denied(key, $"{record.Owner} {RecordText.FormatType(denied.Type)}");
    }

    private static UpdateRefusal Denied(UpdateKey key, string what) => UpdateRefusal.Forbidden($"key {key.Name.ToHostString()} may not change {what}");
}
