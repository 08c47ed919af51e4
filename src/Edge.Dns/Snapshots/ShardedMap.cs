namespace Edge.Dns.Snapshots;

/// <summary>
/// A map for snapshots that follow each other. Immutable: the next one copies one of 256 small tables, whatever the others
/// hold, and shares the rest, so that what differs between two is found without looking at what does not.
/// </summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">The value; two are the same when they are one object.</typeparam>
public sealed class ShardedMap<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    internal const int Shards = 256;

    private readonly Dictionary<TKey, TValue>?[] _shards;

    /// <summary>An empty map.</summary>
    /// <param name="comparer">Tells keys apart; null for their own comparison.</param>
    public ShardedMap(IEqualityComparer<TKey>? comparer = null)
        : this(new Dictionary<TKey, TValue>?[Shards], comparer ?? EqualityComparer<TKey>.Default, 0)
    {
    }

    internal ShardedMap(Dictionary<TKey, TValue>?[] shards, IEqualityComparer<TKey> comparer, int count) => (_shards, Comparer, Count) = (shards, comparer, count);

    /// <summary>How many keys it holds.</summary>
    public int Count { get; }

    /// <summary>Every key with its value, in no order.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> All => _shards.Where(shard => shard is not null).SelectMany(shard => shard!);

    /// <summary>Every value, in no order.</summary>
    public IEnumerable<TValue> Values => All.Select(pair => pair.Value);

    internal IEqualityComparer<TKey> Comparer { get; }

    internal ReadOnlySpan<Dictionary<TKey, TValue>?> Tables => _shards;

    /// <summary>The value of a key; null when there is none.</summary>
    public TValue? Find(TKey key) => _shards[ShardOf(Comparer.GetHashCode(key))] is { } shard && shard.TryGetValue(key, out var value) ? value : null;

    /// <summary>The value of a key in another form that the comparer knows, such as a span; allocates nothing.</summary>
    public TValue? FindBy<TAlternate>(TAlternate key)
        where TAlternate : notnull, allows ref struct =>
        _shards[ShardOf(((IAlternateEqualityComparer<TAlternate, TKey>)Comparer).GetHashCode(key))] is { } shard
        && shard.GetAlternateLookup<TAlternate>().TryGetValue(key, out var value) ? value : null;

    /// <summary>Begins the next map.</summary>
    public ShardedMapEditor<TKey, TValue> Edit() => new(this);

    /// <summary>Every key that has another value after than before, or is in one of them only.</summary>
    public static IEnumerable<MapDifference<TKey, TValue>> Differing(ShardedMap<TKey, TValue> before, ShardedMap<TKey, TValue> after) =>
        ReferenceEquals(before, after) ? [] : DifferingShards(before, after);

    // The tables use the low bits of the hash: the shard is chosen by mixed high ones.
    internal static int ShardOf(int hash) => (int)((uint)hash * 0x9E3779B9 >> 24);

    private static IEnumerable<MapDifference<TKey, TValue>> DifferingShards(ShardedMap<TKey, TValue> before, ShardedMap<TKey, TValue> after)
    {
        for (var i = 0; i < Shards; i++)
        {
            var (old, now) = (before._shards[i], after._shards[i]);
            if (ReferenceEquals(old, now))
            {
                continue;
            }

            foreach (var (key, value) in now ?? [])
            {
                var was = old?.GetValueOrDefault(key);
                if (!ReferenceEquals(was, value))
                {
                    yield return new MapDifference<TKey, TValue>(key, was, value);
                }
            }

            foreach (var (key, value) in old ?? [])
            {
                if (now?.ContainsKey(key) is not true)
                {
                    yield return new MapDifference<TKey, TValue>(key, value, null);
                }
            }
        }
    }
}
