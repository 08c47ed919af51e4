using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Update;

/// <summary>Works out what one update comes to, in the order of RFC 2136 §3; changes nothing itself.</summary>
internal static class UpdateEvaluation
{
    // A set is answered in one message of 65535 bytes with its question, its signatures and EDNS.
    private const int LargestSet = 60_000;
    private const int RecordHeader = 12;

    /// <param name="request">The update.</param>
    /// <param name="key">Who wants it.</param>
    /// <param name="content">The zone as it is.</param>
    /// <param name="source">What to say of where the records come from.</param>
    public static ChangeProposal Evaluate(UpdateRequest request, UpdateKey key, ZoneContent content, string source)
    {
        // 1. What must be so (§3.2). 2. What may be done (§3.3, §3.4.1).
        if ((Prerequisites.Check(request, content) ?? UpdateChecks.Check(request, key, content)) is { } refusal)
        {
            return refusal;
        }

        // 3. The changes, on a draft (§3.4.2).
        var draft = new ZoneDraft(content);
        UpdateSteps.Apply(request, draft);
        var steps = draft.Steps();
        if (steps.FirstOrDefault(step => step.Data.Sum(data => data.Wire.Length + RecordHeader) > LargestSet) is { } large)
        {
            return UpdateRefusal.Forbidden($"{large.Owner} {RecordText.FormatType(large.Type)} would be larger than an answer can be");
        }

        if (steps.Select(step => BesideAlias(step.Owner, draft) ?? UnderDname(step, draft)).FirstOrDefault(found => found is not null) is { } beside)
        {
            return beside;
        }

        return new ChangeProposal(null, steps.IsEmpty ? null : new ChangeEntry(request.Zone, content.View, source, steps));
    }

    // RFC 6672 §2.4: nothing is below a DNAME. It would never be answered, and a secondary that checks would refuse the zone.
    private static UpdateRefusal? UnderDname(ChangeStep step, ZoneDraft draft)
    {
        if (step.Data.IsEmpty)
        {
            return null;
        }

        for (var above = step.Owner.Parent; above is not null && above.IsAtOrBelow(draft.Content.Origin); above = above.Parent)
        {
            if (draft.Find(above, RecordType.DNAME) is not null)
            {
                return UpdateRefusal.Forbidden($"{step.Owner} would lie below the DNAME of {above}, which redirects all names below it");
            }
        }

        return step.Type == RecordType.DNAME && draft.AnyBelow(step.Owner) is { } below
            ? UpdateRefusal.Forbidden($"{step.Owner} cannot have a DNAME while there is {below} below it: delete that first, or in the same update")
            : null;
    }

    // What a zone file may not have either: it would be acknowledged, and never be answered.
    private static UpdateRefusal? BesideAlias(Name owner, ZoneDraft draft) => draft.Find(owner, RecordType.ALIAS) switch
    {
        null => null,
        { Data.Length: > 1 } => UpdateRefusal.Forbidden($"{owner} would have more than one ALIAS: delete the other one in the same update"),
        { } when draft.At(owner).FirstOrDefault(set => set.Type is RecordType.A or RecordType.AAAA) is { } address =>
            UpdateRefusal.Forbidden($"{owner} {address.Type} would stand beside an ALIAS, which gives the name its addresses: delete one of the two in the same update"),
        _ => null,
    };
}
