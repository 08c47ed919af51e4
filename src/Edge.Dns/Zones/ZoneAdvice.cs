using System.Buffers.Binary;
using Edge.Dns.Wire;
using Edge.Dns.Zones.RecordData;

namespace Edge.Dns.Zones;

/// <summary>What is allowed in a zone but most probably a slip: warnings, the zone is served all the same.</summary>
internal sealed class ZoneAdvice
{
    private readonly Name _origin;
    private readonly ZoneIndex _index;
    private readonly string _file;
    private readonly bool _complete;
    private readonly List<ZoneProblem> _problems = [];

    private ZoneAdvice(Name origin, ZoneIndex index, string file, bool complete) =>
        (_origin, _index, _file, _complete) = (origin, index, file, complete);

    /// <summary>All advice about a zone; of one that is not complete, what holds whatever its unread lines say.</summary>
    public static List<ZoneProblem> Give(Name origin, ZoneIndex index, string file, bool complete)
    {
        var advice = new ZoneAdvice(origin, index, file, complete);
        foreach (var (owner, records) in index.Owners)
        {
            if (owner.IsAtOrBelow(origin))
            {
                advice.Sets(owner, records);
                advice.Cuts(owner, records);
                records.ForEach(advice.Target);
            }
        }

        if (index.At(origin).FirstOrDefault(record => record.Type == RecordType.SOA) is { } soa)
        {
            advice.Soa(soa);
        }

        advice.Signatures();
        return advice._problems;
    }

    private void Sets(Name owner, List<ResourceRecord> records)
    {
        foreach (var set in records.GroupBy(record => record.Type))
        {
            var first = set.First();
            var seen = new Dictionary<RData, ResourceRecord>();
            foreach (var record in set)
            {
                if (!seen.TryAdd(record.Data, record))
                {
                    Warn(record, $"this {Type(record)} record of {owner} was already given in line {seen[record.Data].Source.Line}", "remove one of the two");
                }
                else if (_complete && record.Ttl != first.Ttl && record.Type != RecordType.RRSIG)
                {
                    // RFC 2181 §5.2: all records of a set have one TTL; RRSIG is no set, each has its covered set's (RFC 4034
                    // §3). A $TTL that could not be read gives no record its own.
                    Warn(record, $"the TTL {record.Ttl} differs from {first.Ttl} in line {first.Source.Line}, at the same name and type", $"all of them are served with {set.Min(one => one.Ttl)} (RFC 2181 §5.2)");
                }
            }

            // RFC 9460 §2.4.1: beside AliasMode everything else is ignored.
            if (set.Key is RecordType.SVCB or RecordType.HTTPS && seen.Count > 1 && set.FirstOrDefault(IsAlias) is { } alias)
            {
                Warn(alias, $"{Type(alias)} with priority 0 (AliasMode) beside others; clients ignore the others", "keep the alias or the services");
            }
        }
    }

    private void Signatures()
    {
        var signed = _index.Owners.Values.SelectMany(records => records)
            .FirstOrDefault(record => record.Type is RecordType.RRSIG or RecordType.NSEC or RecordType.NSEC3);
        if (signed is not null)
        {
            // RFC 4035 §2.2: a signature fits what was signed. A raised serial, a view, a service or a challenge is something else.
            Warn(signed, $"{_origin} is signed ({Type(signed)}): its signatures are served, and hold only as long as nothing but this file says what is in the zone", $"remove the signatures and have Edge sign the zone: dns.zones.{_origin.ToHostString()}.sign: true in edge.yaml");
        }
    }

    private static bool IsAlias(ResourceRecord record) => BinaryPrimitives.ReadUInt16BigEndian(record.Data.Wire) == 0;

    private void Cuts(Name owner, List<ResourceRecord> records)
    {
        var cut = _index.CutAbove(owner);
        if (cut is not null && !_index.Has(cut, RecordType.DNAME))
        {
            foreach (var record in records.Where(record => record.Type is not (RecordType.A or RecordType.AAAA)))
            {
                Warn(record, $"{owner} {Type(record)} lies below the delegation of {cut} and is never answered from here", "put it into the delegated zone");
            }

            return;
        }

        if (!_index.IsDelegation(owner))
        {
            if (_complete && records.Find(record => record.Type == RecordType.DS) is { } ds)
            {
                Warn(ds, $"{owner} has DS but is not delegated", "add its NS records");
            }

            return;
        }

        foreach (var record in records.Where(record => record.Type is not (RecordType.NS or RecordType.DS or RecordType.NSEC or RecordType.RRSIG or RecordType.A or RecordType.AAAA)))
        {
            Warn(record, $"{owner} is delegated, its {Type(record)} is never answered from here", "put it into the delegated zone");
        }
    }

    private void Target(ResourceRecord record)
    {
        if (TargetOf(record) is not { } target || target.IsRoot || !target.IsAtOrBelow(_origin))
        {
            return;
        }

        var handed = _index.IsDelegation(target) ? target : _index.CutAbove(target);
        if (handed is not null)
        {
            // RFC 9471 §2: a name server below the cut it serves is found through its glue only.
            if (_complete && record.Type == RecordType.NS && record.Owner == handed && !HasAddress(_index.At(target)))
            {
                Warn(record, $"the delegation of {record.Owner} needs the address of {target}", $"add glue: {target} A 192.0.2.1");
            }

            return;
        }

        // A wildcard answers only for names that are not there, and an unread line may hold the name.
        var answer = _complete ? _index.Answering(target) : _index.At(target);
        if (answer.Any(one => one.Type == RecordType.CNAME))
        {
            // RFC 2181 §10.3.
            Warn(record, $"{Type(record)} points at {target}, which is a CNAME", "point at the name that has the addresses (RFC 2181 §10.3)");
        }
        else if (_complete && !HasAddress(answer))
        {
            var doubled = target.LabelCount >= 2 * _origin.LabelCount ? "; is a trailing dot missing?" : "";
            Warn(record, $"{Type(record)} points at {target}, which has no address in this zone", $"add its A or AAAA record{doubled}");
        }
    }

    private static bool HasAddress(IReadOnlyList<ResourceRecord> records) => records.Any(record => record.Type is RecordType.A or RecordType.AAAA or RecordType.ALIAS);

    private static Name? TargetOf(ResourceRecord record)
    {
        var skip = record.Type switch
        {
            RecordType.NS => 0,
            RecordType.MX => 2,
            RecordType.SRV => 6,
            _ => -1,
        };
        if (skip < 0)
        {
            return null;
        }

        var rest = record.Data.Wire[skip..];
        return NameField.TryTakeName(ref rest, out var name) ? name : null;
    }

    private void Soa(ResourceRecord soa)
    {
        var rest = soa.Data.Wire;
        if (!NameField.TryTakeName(ref rest, out _) || !NameField.TryTakeName(ref rest, out var mailbox))
        {
            return;
        }

        var numbers = new uint[5];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadUInt32BigEndian(rest[(i * 4)..]);
        }

        var (refresh, retry, expire, negative) = (numbers[1], numbers[2], numbers[3], numbers[4]);
        if (mailbox.Wire.Contains((byte)'@'))
        {
            Warn(soa, $"the mailbox {mailbox} has an @", "write a dot instead: hostmaster.example.com.");
        }

        if (retry >= refresh)
        {
            Warn(soa, $"the retry time {retry} is not shorter than the refresh time {refresh}", "as in: 1h 15m 2w 5m");
        }

        // RFC 1912 §2.2: a secondary must not expire before it could try again.
        if (expire < (ulong)refresh + retry)
        {
            Warn(soa, $"the expire time {expire} is shorter than refresh and retry together", "two weeks are usual: 2w");
        }

        // RFC 2308 §5.
        if (negative > 86400)
        {
            Warn(soa, $"names that do not exist would be remembered for {negative} seconds", "the last number is the negative TTL: 5m to 1d");
        }
    }

    private static string Type(ResourceRecord record) => RecordText.FormatType(record.Type);

    private void Warn(ResourceRecord record, string message, string hint) =>
        _problems.Add(new ZoneProblem(record.Source.Where ?? _file, record.Source.Line, message, hint, ZoneProblemSeverity.Warning));
}
