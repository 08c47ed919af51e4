namespace Edge.Dns.Snapshots;

/// <summary>Makes the map that follows another: a table is copied when it is changed first. One thread at a time.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">The value.</typeparam>
public sealed class ShardedMapEditor<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    private readonly Dictionary<int, Dictionary<TKey, TValue>?> _mine = [];
    private ShardedMap<TKey, TValue> _from;
    private int _count;

    internal ShardedMapEditor(ShardedMap<TKey, TValue> from) => (_from, _count) = (from, from.Count);

    /// <summary>How many keys there are now.</summary>
    public int Count => _count;

    /// <summary>The value that a key has now; null when there is none.</summary>
    public TValue? Find(TKey key) => Table(TableOf(key))?.GetValueOrDefault(key);

    /// <summary>Gives a key another value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; null takes the key out.</param>
    public void Set(TKey key, TValue? value)
    {
        var number = TableOf(key);
        if (ReferenceEquals(Table(number)?.GetValueOrDefault(key), value))
        {
            return;
        }

        var table = Mine(number);
        _count -= table.Count;
        if (value is null)
        {
            table.Remove(key);
        }
        else
        {
            table[key] = value;
        }

        _count += table.Count;
    }

    /// <summary>The map as it is now; the same object when nothing is different.</summary>
    public ShardedMap<TKey, TValue> ToMap()
    {
        if (_mine.Count > 0)
        {
            _from = new ShardedMap<TKey, TValue>(_from.Tables.With(_mine), _from.Comparer, _count);

            // What goes out is nobody's to change any more.
            _mine.Clear();
        }

        return _from;
    }

    private int TableOf(TKey key) => ShardedMap<TKey, TValue>.TableOf(_from.Comparer.GetHashCode(key));

    private Dictionary<TKey, TValue>? Table(int number) => _mine.TryGetValue(number, out var mine) ? mine : _from.Tables[number];

    private Dictionary<TKey, TValue> Mine(int number)
    {
        if (!_mine.TryGetValue(number, out var mine))
        {
            mine = _from.Tables[number] is { } last ? Roomier(last) : new Dictionary<TKey, TValue>(_from.Comparer);
            _mine.Add(number, mine);
        }

        return mine!;
    }

    // One more mostly follows: a copy that has no room for it would be copied again.
    private Dictionary<TKey, TValue> Roomier(Dictionary<TKey, TValue> last)
    {
        var copy = new Dictionary<TKey, TValue>(last.Count + 1, _from.Comparer);
        foreach (var (key, value) in last)
        {
            copy.Add(key, value);
        }

        return copy;
    }
}
