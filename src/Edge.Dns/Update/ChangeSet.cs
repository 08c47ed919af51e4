using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Update;

/// <summary>All RRsets that updates have left otherwise than declared. Immutable.</summary>
internal sealed class ChangeSet
{
    /// <summary>No changes.</summary>
    public static readonly ChangeSet Empty = new(ImmutableDictionary<(Name, Name), ImmutableArray<ChangedRRset>>.Empty, []);

    private readonly ImmutableDictionary<(Name Zone, Name Owner), ImmutableArray<ChangedRRset>> _byOwner;

    private ChangeSet(ImmutableDictionary<(Name, Name), ImmutableArray<ChangedRRset>> byOwner, ImmutableArray<ChangedRRset> all) => (_byOwner, All) = (byOwner, all);

    /// <summary>Every change, the last one at the end: whoever knows the changes before sees at once what is new.</summary>
    public ImmutableArray<ChangedRRset> All { get; }

    /// <summary>The changes at one owner of a zone that are for a view, or for the zone itself.</summary>
    public IEnumerable<ChangedRRset> At(Name zone, string? view, Name owner) =>
        _byOwner.TryGetValue((zone, owner), out var changes) ? changes.Where(change => change.View == view) : [];

    /// <summary>The owners of a zone that updates have changed.</summary>
    public IEnumerable<Name> Owners(Name zone) => All.Where(change => change.Zone == zone).Select(change => change.Owner);

    /// <summary>The changes after one more update.</summary>
    public ChangeSet With(ChangeEntry entry)
    {
        var byOwner = _byOwner.ToBuilder();
        var added = ImmutableArray.CreateBuilder<ChangedRRset>();
        var removed = new HashSet<ChangedRRset>(ReferenceEqualityComparer.Instance);
        foreach (var step in entry.Steps)
        {
            var key = (entry.Zone, step.Owner);
            var changes = byOwner.TryGetValue(key, out var known) ? known : [];
            if (changes.FirstOrDefault(change => change.View == entry.View && change.Type == step.Type) is { } before)
            {
                changes = changes.Remove(before);
                removed.Add(before);
            }

            if (!step.Dropped)
            {
                added.Add(new ChangedRRset(entry.View, step.Owner, step.Type, step.Ttl, step.Data, new RecordSource(entry.Source)) { Zone = entry.Zone });
                changes = changes.Add(added[^1]);
            }

            if (changes.IsEmpty)
            {
                byOwner.Remove(key);
            }
            else
            {
                byOwner[key] = changes;
            }
        }

        return new ChangeSet(byOwner.ToImmutable(), [.. removed.Count == 0 ? All : All.RemoveAll(removed.Contains), .. added]);
    }

    /// <summary>The same changes as few entries, in order: those that one update made and nobody changed since stay together.</summary>
    public IEnumerable<ChangeEntry> ToEntries() => All
        .GroupBy(change => (Zone: change.Zone!, change.View, Source: change.Source.Where ?? ""))
        .OrderBy(group => group.Key.Zone).ThenBy(group => group.Key.View, StringComparer.Ordinal).ThenBy(group => group.Key.Source, StringComparer.Ordinal)
        .Select(group => new ChangeEntry(group.Key.Zone, group.Key.View, group.Key.Source,
            [.. group.OrderBy(change => change.Owner).ThenBy(change => change.Type).Select(change => new ChangeStep(change.Owner, change.Type, change.Ttl, change.Data))]));
}
