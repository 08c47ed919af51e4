using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Edge.Stores;

/// <summary>
/// The store of one box. Everything is held in memory, so that reading never waits for a disk and goes on while the
/// disk is in trouble; changes are made durable by <see cref="Persist"/> before anybody sees them, those that come at the same
/// time together. One writer at a time.
/// </summary>
internal abstract partial class EmbeddedStore : IStore
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CommitQueue _queue;
    private readonly StoreContent _content;
    private readonly NamedLocks _locks = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _ending;
    private long _lastLease;
    private int _closed;

    /// <param name="image">What was stored before.</param>
    /// <param name="leases">The leases that were running.</param>
    /// <param name="lastLease">The highest lease number ever given.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where trouble is told.</param>
    protected EmbeddedStore(StoreImage image, IEnumerable<StoredLease> leases, long lastLease, TimeProvider time, ILogger log)
    {
        (_lastLease, _time, _log) = (lastLease, time, log);
        _content = new StoreContent(image, leases, time);
        _queue = new CommitQueue(Commit);
        _ending = EndLeasesAsync(_closing.Token);
    }

    public ValueTask<StoreEntry?> GetAsync(string key, CancellationToken cancel) => new(_content.Image.Find(key));

    public ValueTask<StoreListing> ListAsync(string prefix, CancellationToken cancel)
    {
        var image = _content.Image;
        return new(new StoreListing(image.Under(prefix), image.Revision));
    }

    public IAsyncEnumerable<StoreChange> WatchAsync(string prefix, long after, CancellationToken cancel) => _content.History.WatchAsync(prefix, after, cancel);

    public ValueTask<StoreWrite> PutAsync(string key, ReadOnlyMemory<byte> value, long? expected, LeaseId? lease, CancellationToken cancel)
    {
        var copy = value.ToArray();
        return ChangeAsync(draft => draft.Put(key, copy, expected, lease), cancel);
    }

    public ValueTask<StoreWrite> DeleteAsync(string key, long? expected, CancellationToken cancel) => ChangeAsync(draft => draft.Delete(key, expected), cancel);

    public ValueTask<StoreWrite> WriteAsync(ImmutableArray<StoreEdit> edits, CancellationToken cancel)
    {
        ImmutableArray<StoreEdit> copies = [.. edits.Select(edit => edit.Value is { } value ? edit with { Value = value.ToArray() } : edit)];
        return ChangeAsync(draft => draft.Write(copies), cancel);
    }

    public ValueTask<LeaseId> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeToLive, TimeSpan.Zero);
        ThrowIfClosed(cancel);
        var id = new LeaseId(Interlocked.Increment(ref _lastLease));
        _content.Leases.Start(id, timeToLive, timeToLive);
        return new(id);
    }

    public ValueTask<bool> RenewLeaseAsync(LeaseId lease, CancellationToken cancel)
    {
        ThrowIfClosed(cancel);

        // A start gives such a lease its whole time whatever is on the disk, so that nothing need be written.
        if (_content.Leases.Find(lease) is not { } running || running.TimeToLive <= LeaseStart.Fair)
        {
            return new(_content.Leases.Renew(lease) is not null);
        }

        // The lease runs in memory; what is on the disk only shortens it after a restart, and not below what a start
        // gives it. A full disk must not end services that are alive.
        return ChangeAsync(draft => draft.Renew(lease), cancel, (renewed, wrong) =>
        {
            if (renewed)
            {
                Log.RenewalNotStored(_log, lease.Value, wrong.Message);
            }

            return true;
        });
    }

    public ValueTask<DateTimeOffset?> LeaseEndsAsync(LeaseId lease, CancellationToken cancel) =>
        new(_content.Leases.Remaining(lease) is { } left ? _time.GetUtcNow() + left : null);

    public async ValueTask RevokeLeaseAsync(LeaseId lease, CancellationToken cancel) =>
        await ChangeAsync(draft => draft.Revoke(lease), cancel).ConfigureAwait(false);

    public ValueTask<IAsyncDisposable?> TryLockAsync(string name, TimeSpan timeToLive, CancellationToken cancel) => new(_locks.TryTake(name));

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _ending.ConfigureAwait(false);

        // It would be in order without: then leases begin anew once more.
        await ChangeAsync(static draft => draft.WriteAll(), CancellationToken.None, static (_, _) => true).ConfigureAwait(false);
        await _queue.CloseAsync().ConfigureAwait(false);
        _content.Dispose();
        Close();
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

    /// <summary>The leases that are written down, as they would be now.</summary>
    protected IEnumerable<StoredLease> RunningLeases() => _content.WrittenLeases();

    /// <summary>The highest lease number given so far.</summary>
    protected long LastLease => Volatile.Read(ref _lastLease);

    private ValueTask<T> ChangeAsync<T>(Func<StoreDraft, T> work, CancellationToken cancel, Func<T, StoreUnavailableException, bool>? despite = null) =>
        _queue.RunAsync(new PendingResult<T>(work, despite), cancel);

    private void ThrowIfClosed(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (_queue.IsClosed)
        {
            throw new StoreUnavailableException("the store is closed");
        }
    }

    // One of a group that failed is told so, if what it said hangs on what could not be written.
    private void Commit(IReadOnlyList<PendingOperation> group)
    {
        List<PendingOperation> taken = [];
        Exception? wrong = null;
        try
        {
            var draft = _content.Draft();
            taken.AddRange(group.Where(operation => operation.Apply(draft)));
            _content.Keep(draft, Persist);
        }
        catch (Exception failed)
        {
            wrong = failed;
        }

        foreach (var operation in taken)
        {
            if (wrong is not null && operation.HangsOnWrite)
            {
                operation.TellFailed(wrong);
            }
            else
            {
                operation.Tell();
            }
        }
    }

    private async Task EndLeasesAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await _content.Leases.WaitAsync(cancel).ConfigureAwait(false);
                await ChangeAsync(draft => draft.End(_content.Leases.Due()), cancel).ConfigureAwait(false);
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

    private static partial class Log
    {
        [LoggerMessage(7000, LogLevel.Warning, "Lease {Lease} was renewed in memory only: {Reason}")]
        public static partial void RenewalNotStored(ILogger log, long lease, string reason);

        [LoggerMessage(7001, LogLevel.Error, "The end of a lease could not be carried out and is tried again: {Reason}")]
        public static partial void LeaseEndFailed(ILogger log, string reason, Exception? wrong);
    }
}
