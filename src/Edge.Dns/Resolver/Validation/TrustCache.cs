using System.Collections.Concurrent;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>
/// What is known of zones, up to a number of them, each as long as it holds. In two halves: when the young one is full it
/// becomes the old one, and what was in the old one and not asked for meanwhile is forgotten.
/// </summary>
internal sealed class TrustCache(int most, TimeProvider time)
{
    private readonly Lock _turning = new();
    private volatile ConcurrentDictionary<Name, (ZoneTrust Trust, long Start)> _young = [];
    private volatile ConcurrentDictionary<Name, (ZoneTrust Trust, long Start)> _old = [];
    private int _count;

    /// <summary>Zones that are known, some of them no longer fresh.</summary>
    public int Count => _young.Count + _old.Count;

    public ZoneTrust? Find(Name name)
    {
        if (_young.TryGetValue(name, out var kept))
        {
            return IsFresh(kept) ? kept.Trust : null;
        }

        if (!_old.TryGetValue(name, out kept) || !IsFresh(kept))
        {
            return null;
        }

        Add(name, kept);
        return kept.Trust;
    }

    public void Put(Name name, ZoneTrust trust)
    {
        if (trust.Lifetime > TimeSpan.Zero)
        {
            Add(name, (trust, time.GetTimestamp()));
        }
    }

    private bool IsFresh((ZoneTrust Trust, long Start) kept) => time.GetElapsedTime(kept.Start) < kept.Trust.Lifetime;

    private void Add(Name name, (ZoneTrust, long) kept)
    {
        var young = _young;
        if (!young.TryAdd(name, kept))
        {
            young[name] = kept;
            return;
        }

        if (Interlocked.Increment(ref _count) < most / 2)
        {
            return;
        }

        lock (_turning)
        {
            if (ReferenceEquals(young, _young))
            {
                (_old, _young) = (young, []);
                Volatile.Write(ref _count, 0);
            }
        }
    }
}
