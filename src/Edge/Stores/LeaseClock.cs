namespace Edge.Stores;

/// <summary>
/// Knows when each lease ends, by the monotonic clock: a wall clock that is set, by a month or by a second, ends
/// nothing and prolongs nothing.
/// </summary>
internal sealed class LeaseClock : IDisposable
{
    // The queue may keep so many ends of leases that are no more beside those of as many as run.
    private const int SpareEnds = 1024;

    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(12);

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<LeaseId, Running> _leases = [];
    private readonly PriorityQueue<LeaseId, long> _queue = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly ITimer _timer;

    public LeaseClock(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static clock => ((LeaseClock)clock!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many ends it waits for: those of leases that run, and some of leases that are no more.</summary>
    public int Ends
    {
        get
        {
            lock (_lock)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>Lets a lease run, with <paramref name="remaining"/> time of its <paramref name="timeToLive"/> left.</summary>
    public void Start(LeaseId id, TimeSpan timeToLive, TimeSpan remaining)
    {
        lock (_lock)
        {
            var end = After(remaining);
            _leases[id] = new Running(timeToLive, end);
            _queue.Enqueue(id, end);
            Arm();
        }
    }

    /// <summary>Starts the lease's time anew; null when it has ended.</summary>
    public TimeSpan? Renew(LeaseId id)
    {
        lock (_lock)
        {
            if (Alive(id) is not { } lease)
            {
                return null;
            }

            // The queue keeps the old end; when that comes, the lease is put back with the new one.
            _leases[id] = lease with { End = After(lease.TimeToLive) };
            return lease.TimeToLive;
        }
    }

    /// <summary>The time a lease has left; null when it has ended.</summary>
    public TimeSpan? Remaining(LeaseId id)
    {
        lock (_lock)
        {
            return Alive(id) is { } lease ? Until(lease.End) : null;
        }
    }

    /// <summary>A lease's time to live and the time it has left; null when it has ended.</summary>
    public (TimeSpan TimeToLive, TimeSpan Remaining)? Find(LeaseId id)
    {
        lock (_lock)
        {
            return Alive(id) is { } lease ? (lease.TimeToLive, Until(lease.End)) : null;
        }
    }

    /// <summary>Every lease that still runs, with the time it has left.</summary>
    public IReadOnlyList<(LeaseId Id, TimeSpan TimeToLive, TimeSpan Remaining)> All()
    {
        lock (_lock)
        {
            return [.. _leases.Select(pair => (pair.Key, pair.Value.TimeToLive, Until(pair.Value.End)))];
        }
    }

    public void Remove(LeaseId id)
    {
        lock (_lock)
        {
            _leases.Remove(id);
            if (_queue.Count > (2 * _leases.Count) + SpareEnds)
            {
                Sweep();
            }
        }
    }

    /// <summary>The leases whose time is over. They stay until removed, so that a deletion that failed is tried again.</summary>
    public IReadOnlyList<LeaseId> Due()
    {
        lock (_lock)
        {
            var due = new List<LeaseId>();
            var now = _time.GetTimestamp();
            while (_queue.TryPeek(out var id, out var end) && end <= now)
            {
                _queue.Dequeue();
                if (_leases.TryGetValue(id, out var lease))
                {
                    if (lease.End <= now)
                    {
                        due.Add(id);
                    }
                    else
                    {
                        _queue.Enqueue(id, lease.End);
                    }
                }
            }

            foreach (var id in due)
            {
                _queue.Enqueue(id, _leases[id].End);
            }

            return due;
        }
    }

    /// <summary>Returns when a lease may be due.</summary>
    public async Task WaitAsync(CancellationToken cancel)
    {
        lock (_lock)
        {
            Arm();
        }

        await _wake.WaitAsync(cancel).ConfigureAwait(false);
    }

    // The semaphore stays: the timer may still be calling.
    public void Dispose() => _timer.Dispose();

    private Running? Alive(LeaseId id) => _leases.TryGetValue(id, out var lease) && lease.End > _time.GetTimestamp() ? lease : null;

    private long After(TimeSpan time) => _time.GetTimestamp() + (long)(time.TotalSeconds * _time.TimestampFrequency);

    private TimeSpan Until(long end) => TimeSpan.FromSeconds((end - _time.GetTimestamp()) / (double)_time.TimestampFrequency);

    private void Arm()
    {
        if (!_queue.TryPeek(out _, out var end))
        {
            return;
        }

        // Rounded up to the next millisecond: a timer that fires early would only be armed again.
        var wait = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, Until(end).TotalMilliseconds)));
        _timer.Change(wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);
    }

    // Leases that are given back long before their end would fill it.
    private void Sweep()
    {
        _queue.Clear();
        _queue.EnqueueRange(_leases.Select(pair => (pair.Key, pair.Value.End)));
    }

    private void Wake()
    {
        lock (_lock)
        {
            if (_wake.CurrentCount == 0)
            {
                _wake.Release();
            }
        }
    }

    private readonly record struct Running(TimeSpan TimeToLive, long End);
}
