using Microsoft.Extensions.Logging;

namespace Edge.Stores;

/// <summary>
/// The store of one box. Everything is held in memory, so that reading never waits for a disk and goes on while the
/// disk is in trouble; each change is made durable by <see cref="Persist"/> before anybody sees it. One writer at a time.
/// </summary>
internal abstract partial class EmbeddedStore : IStore
{
    /// <summary>After a restart every lease has at least this time left, so that who is alive can renew it.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly HashSet<string> _locks = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly LeaseClock _leases;
    private readonly ChangeHistory _history;
    private readonly Task _ending;
    private volatile StoreImage _image;
    private long _lastLease;
    private int _closed;

    /// <param name="image">What was stored before.</param>
    /// <param name="leases">The leases that were running.</param>
    /// <param name="lastLease">The highest lease number ever given.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where trouble is told.</param>
    protected EmbeddedStore(StoreImage image, IEnumerable<StoredLease> leases, long lastLease, TimeProvider time, ILogger log)
    {
        (_image, _lastLease, _time, _log) = (image, lastLease, time, log);
        _history = new ChangeHistory(image.Revision);
        _leases = new LeaseClock(time);
        var now = time.GetUtcNow();
        foreach (var lease in leases)
        {
            // The wall clock may have been wrong then or may be wrong now, or the box was off: never more than the
            // time to live, and never less than the grace.
            var left = lease.Ends - now < lease.TimeToLive ? lease.Ends - now : lease.TimeToLive;
            _leases.Start(lease.Id, lease.TimeToLive, left > Grace ? left : Grace);
        }

        _ending = EndLeasesAsync(_closing.Token);
    }

    public ValueTask<StoreEntry?> GetAsync(string key, CancellationToken cancel) => new(_image.Find(key));

    public ValueTask<StoreListing> ListAsync(string prefix, CancellationToken cancel)
    {
        var image = _image;
        return new(new StoreListing(image.Under(prefix), image.Revision));
    }

    public IAsyncEnumerable<StoreChange> WatchAsync(string prefix, long after, CancellationToken cancel) => _history.WatchAsync(prefix, after, cancel);

    public async ValueTask<StoreWrite> PutAsync(string key, ReadOnlyMemory<byte> value, long? expected, LeaseId? lease, CancellationToken cancel)
    {
        using var turn = await TurnAsync(cancel).ConfigureAwait(false);
        var image = _image;
        var found = image.Find(key);
        if (expected is { } wanted && wanted != (found?.Revision ?? 0))
        {
            return new StoreWrite(image.Revision, Conflict: true, found);
        }

        if (lease is { } id && _leases.Remaining(id) is null)
        {
            return new StoreWrite(image.Revision, LeaseEnded: true);
        }

        var revision = image.Revision + 1;
        Commit(new StoreBatch { Changes = [new StoreChange(key, revision, new StoreEntry(key, value.ToArray(), revision, lease))] });
        return new StoreWrite(revision);
    }

    public async ValueTask<StoreWrite> DeleteAsync(string key, long? expected, CancellationToken cancel)
    {
        using var turn = await TurnAsync(cancel).ConfigureAwait(false);
        var image = _image;
        var found = image.Find(key);
        if (expected is { } wanted && wanted != (found?.Revision ?? 0))
        {
            return new StoreWrite(image.Revision, Conflict: true, found);
        }

        if (found is not null)
        {
            Commit(new StoreBatch { Changes = [new StoreChange(key, image.Revision + 1, null)] });
        }

        return new StoreWrite(_image.Revision);
    }

    public async ValueTask<LeaseId> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeToLive, TimeSpan.Zero);
        using var turn = await TurnAsync(cancel).ConfigureAwait(false);
        var id = new LeaseId(_lastLease + 1);
        Commit(new StoreBatch { Leases = [new StoredLease(id, timeToLive, _time.GetUtcNow() + timeToLive)] });
        _lastLease = id.Value;
        _leases.Start(id, timeToLive, timeToLive);
        return id;
    }

    public async ValueTask<bool> RenewLeaseAsync(LeaseId lease, CancellationToken cancel)
    {
        using var turn = await TurnAsync(cancel).ConfigureAwait(false);
        if (_leases.Renew(lease) is not { } timeToLive)
        {
            return false;
        }

        try
        {
            Commit(new StoreBatch { Leases = [new StoredLease(lease, timeToLive, _time.GetUtcNow() + timeToLive)] });
        }
        catch (StoreUnavailableException wrong)
        {
            // The lease runs in memory; what is on the disk only shortens it after a restart, and not below the grace.
            // A full disk must not end services that are alive.
            Log.RenewalNotStored(_log, lease.Value, wrong.Message);
        }

        return true;
    }

    public ValueTask<DateTimeOffset?> LeaseEndsAsync(LeaseId lease, CancellationToken cancel) =>
        new(_leases.Remaining(lease) is { } left ? _time.GetUtcNow() + left : null);

    public async ValueTask RevokeLeaseAsync(LeaseId lease, CancellationToken cancel)
    {
        using var turn = await TurnAsync(cancel).ConfigureAwait(false);
        if (_leases.Remaining(lease) is not null)
        {
            End([lease]);
        }
    }

    /// <summary>
    /// In the store of one box the fleet is this process: a lock is held until it is disposed or the process ends,
    /// however that happens, and needs no time to live.
    /// </summary>
    public ValueTask<IAsyncDisposable?> TryLockAsync(string name, TimeSpan timeToLive, CancellationToken cancel)
    {
        lock (_locks)
        {
            return new(_locks.Add(name) ? new HeldLock(() => Unlock(name)) : null);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _ending.ConfigureAwait(false);
        await _turn.WaitAsync().ConfigureAwait(false);
        _history.Close();
        _leases.Dispose();
        Close();
        _turn.Release();
        _closing.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes a batch durable as a whole, or throws and leaves everything as it was. Called by one thread at a time.</summary>
    /// <param name="batch">What changes.</param>
    /// <param name="before">What stands before the change.</param>
    /// <exception cref="StoreUnavailableException">It is not durable.</exception>
    protected abstract void Persist(StoreBatch batch, StoreImage before);

    /// <summary>Lets go of what the store holds.</summary>
    protected abstract void Close();

    /// <summary>The leases that run now as they would be written down.</summary>
    protected IEnumerable<StoredLease> RunningLeases()
    {
        var now = _time.GetUtcNow();
        return _leases.All().Select(lease => new StoredLease(lease.Id, lease.TimeToLive, now + lease.Remaining));
    }

    /// <summary>The highest lease number given so far.</summary>
    protected long LastLease => _lastLease;

    private void Commit(StoreBatch batch)
    {
        Persist(batch, _image);
        if (batch.Changes.Length > 0)
        {
            _image = _image.With(batch.Changes);
            _history.Append(batch.Changes);
        }
    }

    private void End(IReadOnlyList<LeaseId> leases)
    {
        var ended = leases.ToHashSet();
        var image = _image;
        var revision = image.Revision;
        Commit(new StoreBatch
        {
            Changes = [.. image.Entries.Where(entry => entry.Lease is { } lease && ended.Contains(lease)).Select(entry => new StoreChange(entry.Key, ++revision, null))],
            Ended = [.. leases],
        });
        foreach (var lease in leases)
        {
            _leases.Remove(lease);
        }
    }

    private async Task EndLeasesAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await _leases.WaitAsync(cancel).ConfigureAwait(false);
                using var turn = await TurnAsync(cancel).ConfigureAwait(false);
                if (_leases.Due() is { Count: > 0 } due)
                {
                    End(due);
                }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception wrong)
            {
                Log.LeaseEndFailed(_log, wrong.Message, wrong is StoreUnavailableException ? null : wrong);
                await Task.Delay(RetryAfter, _time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async ValueTask<Turn> TurnAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel).ConfigureAwait(false);
        if (_closed == 0)
        {
            return new Turn(_turn);
        }

        _turn.Release();
        throw new StoreUnavailableException("the store is closed");
    }

    private void Unlock(string name)
    {
        lock (_locks)
        {
            _locks.Remove(name);
        }
    }

    private readonly struct Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }

    private static partial class Log
    {
        [LoggerMessage(7000, LogLevel.Warning, "Lease {Lease} was renewed in memory only: {Reason}")]
        public static partial void RenewalNotStored(ILogger log, long lease, string reason);

        [LoggerMessage(7001, LogLevel.Error, "The end of a lease could not be carried out and is tried again: {Reason}")]
        public static partial void LeaseEndFailed(ILogger log, string reason, Exception? wrong);
    }
}
