using System.Collections.Concurrent;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>
/// A map up to a number of entries and of bytes. Readers take no lock. Eviction is SIEVE (Zhang et al., NSDI 2024): a
/// hand walks from old to new, spares once what was used since it last came by, and takes the rest.
/// </summary>
internal sealed class BoundedCache<TKey, TValue>(int maxEntries, long maxBytes, IEqualityComparer<TKey>? keys = null)
    where TKey : notnull
    where TValue : class
{
    private readonly ConcurrentDictionary<TKey, LinkedListNode<Entry>> _entries = new(keys);
    private readonly LinkedList<Entry> _byAge = new();
    private readonly Lock _gate = new();
    private LinkedListNode<Entry>? _hand;
    private long _bytes;

    public int Count => _entries.Count;

    public long Bytes => Volatile.Read(ref _bytes);

    public TValue? Find(TKey key)
    {
        if (!_entries.TryGetValue(key, out var node))
        {
            return null;
        }

        node.Value.Used = true;
        return node.Value.Value;
    }

    /// <summary>Keeps a value in place of the one under the same key.</summary>
    public void Put(TKey key, TValue value, int cost)
    {
        lock (_gate)
        {
            Remove(key);
            while (_byAge.Count > 0 && (_byAge.Count >= maxEntries || _bytes + cost > maxBytes))
            {
                Evict();
            }

            _entries[key] = _byAge.AddLast(new Entry(key, value, cost));
            _bytes += cost;
        }
    }

    /// <summary>The value under the key, made and kept when there is none.</summary>
    public TValue GetOrAdd(TKey key, Func<TKey, TValue> make, int cost)
    {
        if (Find(key) is { } found)
        {
            return found;
        }

        lock (_gate)
        {
            if (Find(key) is { } meanwhile)
            {
                return meanwhile;
            }

            var made = make(key);
            Put(key, made, cost);
            return made;
        }
    }

    private void Remove(TKey key)
    {
        if (_entries.TryGetValue(key, out var node))
        {
            Unlink(node);
        }
    }

    private void Evict()
    {
        var victim = _hand ?? _byAge.First!;
        while (victim.Value.Used)
        {
            victim.Value.Used = false;
            victim = victim.Next ?? _byAge.First!;
        }

        _hand = victim;
        Unlink(victim);
    }

    private void Unlink(LinkedListNode<Entry> node)
    {
        if (_hand == node)
        {
            _hand = node.Next;
        }

        _byAge.Remove(node);
        _entries.TryRemove(node.Value.Key, out _);
        _bytes -= node.Value.Cost;
    }

    private sealed class Entry(TKey key, TValue value, int cost)
    {
        public TKey Key { get; } = key;

        public TValue Value { get; } = value;

        public int Cost { get; } = cost;

        public bool Used { get; set; }
    }
}
