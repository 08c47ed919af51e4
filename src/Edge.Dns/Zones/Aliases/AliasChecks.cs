using Edge.Dns.Wire;

namespace Edge.Dns.Zones.Aliases;

/// <summary>What may not stand beside an ALIAS. A CNAME may stand beside nothing and is told of by itself.</summary>
internal static class AliasChecks
{
    /// <param name="owner">The name.</param>
    /// <param name="records">All its records.</param>
    /// <param name="file">The file that problems without a source belong to.</param>
    public static IEnumerable<ZoneProblem> Check(Name owner, IReadOnlyList<ResourceRecord> records, string file)
    {
        var aliases = records.Where(record => record.Type == RecordType.ALIAS).DistinctBy(record => record.Data).ToList();
        if (aliases.Count == 0)
        {
            yield break;
        }

        foreach (var second in aliases.Skip(1))
        {
            yield return Problem(second, file, $"{owner} has more than one ALIAS; the first is in line {aliases[0].Source.Line}", "a name gets the addresses of one other name");
        }

        if (Name.FromWire(aliases[0].Data.Wire) == owner)
        {
            yield return Problem(aliases[0], file, $"the ALIAS of {owner} leads to itself", "name the host that has the addresses");
        }

        foreach (var address in records.Where(record => record.Type is RecordType.A or RecordType.AAAA))
        {
            yield return Problem(address, file, $"{owner} has {address.Type} beside its ALIAS in line {aliases[0].Source.Line}", "the ALIAS gives it its addresses, A and AAAA: remove one of the two");
        }
    }

    private static ZoneProblem Problem(ResourceRecord record, string file, string message, string hint) =>
        new(record.Source.Where ?? file, record.Source.Line, message, hint);
}
