using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones.Aliases;

namespace Edge.Dns.Zones;

/// <summary>The rules that a zone obeys as a whole. What breaks one is an error: the zone cannot be answered from consistently.</summary>
internal sealed class ZoneChecks
{
    private readonly Name _origin;
    private readonly string _file;
    private readonly ZoneIndex _index;
    private readonly List<ZoneProblem> _problems = [];

    private ZoneChecks(Name origin, ZoneIndex index, string file) => (_origin, _index, _file) = (origin, index, file);

    /// <summary>Checks a zone: the rules here, and the advice of <see cref="ZoneAdvice"/>.</summary>
    /// <param name="origin">Its apex.</param>
    /// <param name="records">All its records, each with its source.</param>
    /// <param name="file">The file that problems without a line belong to.</param>
    /// <param name="complete">False when lines could not be read: what seems missing may stand in one of them and is not told.</param>
    /// <returns>Everything found, by line.</returns>
    public static ImmutableArray<ZoneProblem> Check(Name origin, IReadOnlyCollection<ResourceRecord> records, string file, bool complete) =>
        Check(new DeclaredZone(origin, null, records), null, file, complete);

    /// <summary>Checks a zone, or what a view makes of it.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="view">What is laid over it in one view; null for the zone itself.</param>
    /// <param name="file">The file that problems without a line belong to.</param>
    /// <param name="complete">False when lines could not be read: what seems missing may stand in one of them and is not told.</param>
    /// <returns>Everything found, by line.</returns>
    public static ImmutableArray<ZoneProblem> Check(DeclaredZone zone, DeclaredZone? view, string file, bool complete)
    {
        var merged = view is null ? new Zone(zone.Packed) : ZoneVersion.Merge(zone, view);
        var oddities = zone.Packed.Oddities.Where(odd => view is null || view.Packed.Find(odd.Records[0].Owner.GetHashCode(), odd.Records[0].Owner.Wire) < 0);
        var index = new ZoneIndex(merged, oddities.Concat(view?.Packed.Oddities ?? []));
        var checks = new ZoneChecks(zone.Origin, index, file);
        checks.Apex(complete);
        foreach (var (owner, atOwner) in index.Owners)
        {
            checks.Place(owner, atOwner);
            checks.Singletons(owner, atOwner);
            checks._problems.AddRange(AliasChecks.Check(owner, atOwner, file));
        }

        foreach (var large in index.TooLarge)
        {
            checks.Error(large.Records[0], $"{large.Records[0].Owner} has {large.Distinct} records of one type, more than any message holds", $"at most {large.Served} of these");
        }

        return [.. checks._problems.Concat(ZoneAdvice.Give(zone.Origin, index, file, complete))
            .OrderBy(problem => problem.File, StringComparer.Ordinal).ThenBy(problem => problem.Line)];
    }

    private void Apex(bool complete)
    {
        var apex = _index.At(_origin);
        var soas = apex.Where(record => record.Type == RecordType.SOA).ToList();
        if (soas.Count == 0 && complete)
        {
            Error(0, $"{_origin} has no SOA record", $"add: @ SOA ns1.{_origin} hostmaster.{_origin} ( 1 1h 15m 2w 5m )");
        }

        // RFC 1035 §5.2: exactly one SOA at the top of the zone.
        foreach (var soa in soas.Skip(1))
        {
            Error(soa, $"a second SOA record; the first is in line {soas[0].Source.Line}", "a zone has one");
        }

        if (complete && apex.All(record => record.Type != RecordType.NS))
        {
            Error(0, $"{_origin} has no NS record", $"add: @ NS ns1.{_origin}");
        }
    }

    private void Place(Name owner, List<ResourceRecord> records)
    {
        var first = records[0];
        if (!owner.IsAtOrBelow(_origin))
        {
            records.ForEach(record => Error(record, $"{owner} is outside of the zone {_origin}", $"put it into a file {owner.Parent?.ToHostString()}.zone, or write the name without its dot"));
            return;
        }

        if (owner != _origin && records.Find(record => record.Type == RecordType.SOA) is { } soa)
        {
            Error(soa, $"a SOA record at {owner}; the zone begins at {_origin}", "a SOA stands at the apex only: write it with @");
        }

        // RFC 4592 §4.2: what a wildcard NS means is undefined.
        if (owner.IsWildcard && records.Find(record => record.Type == RecordType.NS) is { } ns)
        {
            Error(ns, $"a wildcard cannot be delegated ({owner})", "delegate each name, or use A and AAAA");
        }

        // RFC 6672 §2.4.
        if (_index.CutAbove(owner) is { } cut && _index.Has(cut, RecordType.DNAME) && !_index.IsDelegation(cut))
        {
            records.ForEach(record => Error(record, $"{owner} lies below the DNAME at {cut} and can never be answered", $"remove it, or the DNAME in line {LineOf(cut, RecordType.DNAME)}"));
        }

        // RFC 4592 §4.4 leaves a wildcard DNAME undefined as well.
        if (owner.IsWildcard && records.Exists(record => record.Type == RecordType.DNAME))
        {
            Error(first, $"a wildcard cannot have a DNAME ({owner})", "use CNAME");
        }
    }

    private void Singletons(Name owner, List<ResourceRecord> records)
    {
        var cnames = Distinct(records, RecordType.CNAME);
        foreach (var second in cnames.Skip(1))
        {
            Error(second, $"{owner} has more than one CNAME; the first is in line {cnames[0].Source.Line}", "a name is an alias of one name only (RFC 2181 §10.1)");
        }

        var dnames = Distinct(records, RecordType.DNAME);
        foreach (var second in dnames.Skip(1))
        {
            Error(second, $"{owner} has more than one DNAME; the first is in line {dnames[0].Source.Line}", "a subtree is redirected once only (RFC 6672 §2.4)");
        }

        // RFC 2181 §10.1: nothing stands beside a CNAME but what DNSSEC puts there.
        var other = records.Find(record => record.Type is not (RecordType.CNAME or RecordType.RRSIG or RecordType.NSEC));
        if (cnames.Count > 0 && other is not null)
        {
            var apex = owner == _origin ? "the apex has SOA and NS: use ALIAS there, or A and AAAA" : "remove one of the two (RFC 2181 §10.1)";
            Error(cnames[0], $"{owner} has a CNAME beside other data: {RecordText.FormatType(other.Type)} in {Where(other)}", apex);
        }
    }

    private static List<ResourceRecord> Distinct(List<ResourceRecord> records, RecordType type) =>
        [.. records.Where(record => record.Type == type).DistinctBy(record => record.Data)];

    private int LineOf(Name owner, RecordType type) => _index.At(owner).First(record => record.Type == type).Source.Line;

    private static string Where(ResourceRecord record) => record.Source.Line > 0 ? $"line {record.Source.Line}" : record.Source.ToString();

    private void Error(ResourceRecord record, string message, string hint) =>
        _problems.Add(new ZoneProblem(record.Source.Where ?? _file, record.Source.Line, message, hint));

    private void Error(int line, string message, string hint) => _problems.Add(new ZoneProblem(_file, line, message, hint));
}
