namespace Edge.Dns.Snapshots;

/// <summary>Makes the map that follows another: a table is copied when it is changed first. One thread at a time.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">The value.</typeparam>
public sealed class ShardedMapEditor<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    private readonly ShardedMap<TKey, TValue> _from;
    private readonly HashSet<int> _mine = [];
    private Dictionary<TKey, TValue>?[]? _shards;
    private int _count;

    internal ShardedMapEditor(ShardedMap<TKey, TValue> from) => (_from, _count) = (from, from.Count);

    /// <summary>How many keys there are now.</summary>
    public int Count => _count;

    /// <summary>The value that a key has now; null when there is none.</summary>
    public TValue? Find(TKey key) => _shards is null ? _from.Find(key) : _shards[ShardOf(key)]?.GetValueOrDefault(key);

    /// <summary>Gives a key another value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; null takes the key out.</param>
    public void Set(TKey key, TValue? value)
    {
        if (ReferenceEquals(Find(key), value))
        {
            return;
        }

        var shard = Mine(ShardOf(key));
        _count -= shard.Count;
        if (value is null)
        {
            shard.Remove(key);
        }
        else
        {
            shard[key] = value;
        }

        _count += shard.Count;
    }

    /// <summary>The map as it is now; the same object when nothing is different.</summary>
    public ShardedMap<TKey, TValue> ToMap()
    {
        if (_shards is null)
        {
            return _from;
        }

        // What goes out is nobody's to change any more.
        _mine.Clear();
        return new ShardedMap<TKey, TValue>([.. _shards], _from.Comparer, _count);
    }

    private int ShardOf(TKey key) => ShardedMap<TKey, TValue>.ShardOf(_from.Comparer.GetHashCode(key));

    private Dictionary<TKey, TValue> Mine(int at)
    {
        _shards ??= _from.Tables.ToArray();
        if (_mine.Add(at))
        {
            _shards[at] = _shards[at] is { } last ? new Dictionary<TKey, TValue>(last, _from.Comparer) : new Dictionary<TKey, TValue>(_from.Comparer);
        }

        return _shards[at]!;
    }
}
