using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Update;

/// <summary>Works out an update whose records somebody else keeps: the rules of RFC 2136 §3, over the records that are his.</summary>
internal static class KeeperEvaluation
{
    /// <param name="request">The update.</param>
    /// <param name="key">Who wants it.</param>
    /// <param name="content">The zone as it is.</param>
    /// <param name="held">The records that are kept at a name.</param>
    public static UpdateOutcome Evaluate(UpdateRequest request, UpdateKey key, ZoneContent content, Func<Name, IEnumerable<ResourceRecord>> held)
    {
        if ((Prerequisites.Check(request, content) ?? UpdateChecks.Check(request, key, content)) is { } refusal)
        {
            return UpdateOutcome.Refused(refusal);
        }

        // Taking away what is not there is no mistake (§3.4.2.3), but what somebody else declares is not to be taken for gone.
        var owners = request.Updates.Select(record => record.Owner).Distinct().ToList();
        if (owners.Find(owner => content.At(owner).Exists(set => !UpdateSteps.StaysAtApex(owner, set.Type, content.Origin))) is { } declared)
        {
            return UpdateOutcome.Refused(UpdateRefusal.Forbidden($"{declared} is declared by the zone's file or by other updates"));
        }

        var own = new DeclaredZone(request.Zone, null, owners.SelectMany(held));
        var draft = new ZoneDraft(new ZoneContent(own, null, null, ChangeSet.Empty, [], content.Serial));
        UpdateSteps.Apply(request, draft);
        return new UpdateOutcome(null, owners.ToImmutableDictionary(
            owner => owner,
            owner => draft.At(owner).SelectMany(set => set.Data, (set, data) => new ResourceRecord(owner, set.Type, set.Ttl, data)).ToImmutableArray()));
    }
}
