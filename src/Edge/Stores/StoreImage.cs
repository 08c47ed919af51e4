using System.Collections.Immutable;

namespace Edge.Stores;

/// <summary>All entries as they stand at one revision, ordered by key. Immutable: readers take it once and need no lock.</summary>
internal sealed class StoreImage
{
    public static readonly StoreImage Empty = new(ImmutableSortedSet.Create<StoreEntry>(ByKey.Instance), 0);

    private readonly ImmutableSortedSet<StoreEntry> _entries;

    private StoreImage(ImmutableSortedSet<StoreEntry> entries, long revision) => (_entries, Revision) = (entries, revision);

    public long Revision { get; }

    public IEnumerable<StoreEntry> Entries => _entries;

    public static StoreImage Of(IEnumerable<StoreEntry> entries, long revision) => new(entries.ToImmutableSortedSet(ByKey.Instance), revision);

    public StoreEntry? Find(string key) => _entries.TryGetValue(Probe(key), out var entry) ? entry : null;

    public ImmutableArray<StoreEntry> Under(string prefix)
    {
        var at = _entries.IndexOf(Probe(prefix));
        var found = ImmutableArray.CreateBuilder<StoreEntry>();
        for (var i = at < 0 ? ~at : at; i < _entries.Count && _entries[i].Key.StartsWith(prefix, StringComparison.Ordinal); i++)
        {
            found.Add(_entries[i]);
        }

        return found.ToImmutable();
    }

    public StoreImage With(IReadOnlyList<StoreChange> changes)
    {
        var entries = _entries.ToBuilder();
        var revision = Revision;
        foreach (var change in changes)
        {
            entries.Remove(Probe(change.Key));
            if (change.Entry is { } entry)
            {
                entries.Add(entry);
            }

            revision = change.Revision;
        }

        return new StoreImage(entries.ToImmutable(), revision);
    }

    private static StoreEntry Probe(string key) => new(key, default, 0, null);

    private sealed class ByKey : IComparer<StoreEntry>
    {
        public static readonly ByKey Instance = new();

        public int Compare(StoreEntry? x, StoreEntry? y) => string.CompareOrdinal(x?.Key, y?.Key);
    }
}
