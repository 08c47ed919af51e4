namespace Edge.Dns.Snapshots;

/// <summary>
/// A map for snapshots that follow each other. Immutable: the next one copies one of many small tables, whatever the others
/// hold, and shares the rest, so that what differs between two is found without looking at what does not.
/// </summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">The value; two are the same when they are one object.</typeparam>
public sealed class ShardedMap<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    /// <summary>An empty map.</summary>
    /// <param name="comparer">Tells keys apart; null for their own comparison.</param>
    public ShardedMap(IEqualityComparer<TKey>? comparer = null)
        : this(SmallTables<Dictionary<TKey, TValue>>.Empty, comparer ?? EqualityComparer<TKey>.Default, 0)
    {
    }

    internal ShardedMap(SmallTables<Dictionary<TKey, TValue>> tables, IEqualityComparer<TKey> comparer, int count) => (Tables, Comparer, Count) = (tables, comparer, count);

    /// <summary>How many keys it holds.</summary>
    public int Count { get; }

    /// <summary>Every key with its value, in no order.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> All => Tables.All.OfType<Dictionary<TKey, TValue>>().SelectMany(static table => table);

    /// <summary>Every value, in no order.</summary>
    public IEnumerable<TValue> Values => All.Select(pair => pair.Value);

    internal IEqualityComparer<TKey> Comparer { get; }

    internal SmallTables<Dictionary<TKey, TValue>> Tables { get; }

    /// <summary>The value of a key; null when there is none.</summary>
    public TValue? Find(TKey key) => Tables[TableOf(Comparer.GetHashCode(key))] is { } table && table.TryGetValue(key, out var value) ? value : null;

    /// <summary>The value of a key in another form that the comparer knows, such as a span; allocates nothing.</summary>
    public TValue? FindBy<TAlternate>(TAlternate key)
        where TAlternate : notnull, allows ref struct =>
        Tables[TableOf(((IAlternateEqualityComparer<TAlternate, TKey>)Comparer).GetHashCode(key))] is { } table
        && table.GetAlternateLookup<TAlternate>().TryGetValue(key, out var value) ? value : null;

    /// <summary>Begins the next map.</summary>
    public ShardedMapEditor<TKey, TValue> Edit() => new(this);

    /// <summary>Every key that has another value after than before, or is in one of them only.</summary>
    public static IEnumerable<MapDifference<TKey, TValue>> Differing(ShardedMap<TKey, TValue> before, ShardedMap<TKey, TValue> after) =>
        ReferenceEquals(before, after) ? [] : DifferingTables(before, after);

    // The tables use the low bits of the hash: which of them it is mixed high ones say.
    internal static int TableOf(int hash) => SmallTables<Dictionary<TKey, TValue>>.NumberOf((uint)hash * 0x9E3779B9);

    private static IEnumerable<MapDifference<TKey, TValue>> DifferingTables(ShardedMap<TKey, TValue> before, ShardedMap<TKey, TValue> after)
    {
        foreach (var number in SmallTables<Dictionary<TKey, TValue>>.Differing(before.Tables, after.Tables))
        {
            var (old, now) = (before.Tables[number], after.Tables[number]);
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
