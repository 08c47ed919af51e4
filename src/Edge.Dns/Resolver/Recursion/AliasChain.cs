using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>What of an answer section hangs on the name asked for: aliases that stay in the zone, and the records at their end.</summary>
internal sealed class AliasChain
{
    /// <summary>Longest chain of aliases that is followed; longer ones are games.</summary>
    public const int MaxLength = 16;

    private AliasChain(Name asked) => End = asked;

    public List<ResourceRecord> Records { get; } = [];

    /// <summary>The name at its end.</summary>
    public Name End { get; private set; }

    /// <summary>Whether records of the type asked for stand at its end; false for one that leads in a circle.</summary>
    public bool IsComplete { get; private set; }

    public static AliasChain Follow(Name zone, Name asked, RecordType type, List<ResourceRecord> answer)
    {
        var chain = new AliasChain(asked);
        var seen = new HashSet<Name> { asked };
        while (chain.End.IsAtOrBelow(zone))
        {
            var here = chain.End;
            var found = answer.Where(record => record.Owner == here && record.Answers(type)).ToList();
            if (found.Exists(record => record.Type != RecordType.RRSIG || type is RecordType.RRSIG or RecordType.ANY))
            {
                chain.Records.AddRange(found);
                chain.IsComplete = true;
                break;
            }

            if (chain.StepOver(zone, answer) is not { } target)
            {
                break;
            }

            chain.End = target;
            if (!seen.Add(target) || seen.Count > MaxLength)
            {
                break;
            }
        }

        return chain;
    }

    private Name? StepOver(Name zone, List<ResourceRecord> answer)
    {
        var here = End;
        var renamed = answer.Where(record => record.Type == RecordType.DNAME && record.Owner != here && here.IsAtOrBelow(record.Owner) && record.Owner.IsAtOrBelow(zone))
            .MaxBy(record => record.Owner.LabelCount);
        if (renamed is not null && Substitute(here, renamed) is { } moved)
        {
            Records.AddRange(answer.Where(record => record.Owner == renamed.Owner && record.TypeOrSigned() == RecordType.DNAME));
            // RFC 6672 §3.1: the CNAME follows from the DNAME, so it is made here whatever the server made of it.
            Records.Add(new ResourceRecord(here, RecordType.CNAME, renamed.Ttl, RData.Target(moved)));
            return moved;
        }

        var alias = answer.Find(record => record.Type == RecordType.CNAME && record.Owner == here);
        if (alias?.Target() is not { } target)
        {
            return null;
        }

        Records.Add(alias with { Owner = here });
        Records.AddRange(answer.Where(record => record.Owner == here && record.Signs(RecordType.CNAME)));
        return target;
    }

    // RFC 6672 §2.2; null when the new name would be too long.
    private static Name? Substitute(Name name, ResourceRecord renamed)
    {
        if (renamed.Target() is not { } target)
        {
            return null;
        }

        var prefix = name.Wire[..^renamed.Owner.Wire.Length];
        return prefix.Length + target.Wire.Length > Name.MaxWireLength ? null : Name.FromWire([.. prefix, .. target.Wire]);
    }
}
