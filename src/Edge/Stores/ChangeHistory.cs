using System.Runtime.CompilerServices;

namespace Edge.Stores;

/// <summary>
/// The latest changes, for watchers. A watcher reads the ring at its own pace; one that falls behind by more than the
/// ring holds is told to list again, so that a stuck watcher costs no memory.
/// </summary>
internal sealed class ChangeHistory
{
    private const int BatchSize = 256;

    private readonly Lock _lock = new();
    private readonly StoreChange[] _ring;
    private long _count;
    private long _floor;
    private bool _closed;
    private TaskCompletionSource _more = NewSignal();

    /// <param name="revision">The store's revision now: the oldest that can be watched from.</param>
    /// <param name="capacity">How many changes are remembered.</param>
    public ChangeHistory(long revision, int capacity = 8192)
    {
        _floor = revision;
        _ring = new StoreChange[capacity];
    }

    public void Append(IReadOnlyList<StoreChange> changes)
    {
        TaskCompletionSource signal;
        lock (_lock)
        {
            foreach (var change in changes)
            {
                ref var slot = ref _ring[_count % _ring.Length];
                if (_count >= _ring.Length)
                {
                    _floor = slot.Revision;
                }

                slot = change;
                _count++;
            }

            (signal, _more) = (_more, NewSignal());
        }

        signal.TrySetResult();
    }

    /// <summary>Ends every watch: the store is closed.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }

        _more.TrySetResult();
    }

    public async IAsyncEnumerable<StoreChange> WatchAsync(string prefix, long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        var batch = new List<StoreChange>();
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var more = Take(prefix, ref after, batch);
            foreach (var change in batch)
            {
                yield return change;
            }

            if (more is not null)
            {
                await more.WaitAsync(cancel).ConfigureAwait(false);
            }
        }
    }

    // The next changes after a revision, which moves on; the task to wait for when there are no more.
    private Task? Take(string prefix, ref long after, List<StoreChange> batch)
    {
        batch.Clear();
        lock (_lock)
        {
            if (_closed)
            {
                throw new StoreUnavailableException("the store is closed");
            }

            if (after < _floor)
            {
                throw new StoreCompactedException(_floor);
            }

            for (var i = FirstAfter(after); i < _count; i++)
            {
                if (batch.Count == BatchSize)
                {
                    return null;
                }

                var change = _ring[i % _ring.Length];
                after = change.Revision;
                if (change.Key.StartsWith(prefix, StringComparison.Ordinal))
                {
                    batch.Add(change);
                }
            }

            return _more.Task;
        }
    }

    private long FirstAfter(long revision)
    {
        var (low, high) = (Math.Max(0, _count - _ring.Length), _count);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = _ring[middle % _ring.Length].Revision > revision ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
