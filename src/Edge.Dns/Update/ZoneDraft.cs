using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Update;

/// <summary>A zone while an update changes it; nothing is real before <see cref="Steps"/> are made.</summary>
internal sealed class ZoneDraft(ZoneContent content)
{
    private readonly Dictionary<Name, List<HeldSet>> _touched = [];

    public ZoneContent Content => content;

    /// <summary>The sets of an owner as they are in the draft.</summary>
    public IReadOnlyList<HeldSet> At(Name owner) => Touch(owner);

    /// <summary>One set of an owner; null when it has none of this type.</summary>
    public HeldSet? Find(Name owner, RecordType type) => Touch(owner).Find(set => set.Type == type);

    /// <summary>Puts a set in place of the one of its type.</summary>
    public void Put(Name owner, HeldSet set)
    {
        Remove(owner, set.Type);
        if (!set.Data.IsEmpty)
        {
            Touch(owner).Add(set);
        }
    }

    /// <summary>Takes a set away, if it is there.</summary>
    public void Remove(Name owner, RecordType type) => Touch(owner).RemoveAll(set => set.Type == type);

    /// <summary>An owner below a name; null when there is none.</summary>
    public Name? AnyBelow(Name name) =>
        content.Below(name).Concat(_touched.Keys).FirstOrDefault(owner => owner != name && owner.IsAtOrBelow(name) && Touch(owner).Count > 0);

    /// <summary>What is different from the zone as it is.</summary>
    public ImmutableArray<ChangeStep> Steps()
    {
        var steps = ImmutableArray.CreateBuilder<ChangeStep>();
        foreach (var (owner, now) in _touched)
        {
            var before = content.At(owner);
            var beneath = content.Beneath(owner);
            foreach (var type in before.Concat(now).Select(set => set.Type).Distinct())
            {
                var set = now.Find(one => one.Type == type);
                if (Same(set, before.Find(one => one.Type == type)))
                {
                    continue;
                }

                // Back to what is declared: the set follows the file again, and nothing needs to be remembered.
                steps.Add(new ChangeStep(owner, type, set?.Ttl ?? 0, set?.Data ?? [], Dropped: Same(set, beneath.Find(one => one.Type == type))));
            }
        }

        return steps.ToImmutable();
    }

    private List<HeldSet> Touch(Name owner)
    {
        if (!_touched.TryGetValue(owner, out var sets))
        {
            _touched.Add(owner, sets = content.At(owner));
        }

        return sets;
    }

    private static bool Same(HeldSet? a, HeldSet? b) => a is null ? b is null : a.SaysTheSame(b);
}
