using System.Runtime.CompilerServices;
using Edge.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Tests.Services;

/// <summary>
/// A store whose watches can be broken off, as a cluster that is away or has compacted breaks them; one that cannot be listed,
/// or does not say what became of a write.
/// </summary>
internal sealed class BreakableStore : IStore
{
    private readonly MemoryStore _inner = new(TimeProvider.System, NullLogger<MemoryStore>.Instance);
    private TaskCompletionSource<Exception> _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Why nothing can be listed; null when it can.</summary>
    public Exception? ListFailure { get; set; }

    /// <summary>What is said of writes, and whether they take place all the same; null when they are as they are.</summary>
    public (Exception Said, bool IsWritten)? PutFailure { get; set; }

    /// <summary>What happens just before a lease is renewed; null for nothing.</summary>
    public Func<Task>? Renewing { get; set; }

    public void Break(Exception reason)
    {
        var broken = _broken;
        _broken = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        broken.SetResult(reason);
    }

    public async IAsyncEnumerable<StoreChange> WatchAsync(string prefix, long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        var broken = _broken.Task;
        await using var changes = _inner.WatchAsync(prefix, after, cancel).GetAsyncEnumerator(cancel);
        while (true)
        {
            var next = changes.MoveNextAsync().AsTask();
            if (await Task.WhenAny(next, broken) == broken)
            {
                throw await broken;
            }

            await next;
            yield return changes.Current;
        }
    }

    public ValueTask<StoreEntry?> GetAsync(string key, CancellationToken cancel) => _inner.GetAsync(key, cancel);

    public ValueTask<StoreListing> ListAsync(string prefix, CancellationToken cancel) => ListFailure is { } failure ? throw failure : _inner.ListAsync(prefix, cancel);

    public async ValueTask<StoreWrite> PutAsync(string key, ReadOnlyMemory<byte> value, long? expected, LeaseId? lease, CancellationToken cancel)
    {
        if (PutFailure is not { } failure)
        {
            return await _inner.PutAsync(key, value, expected, lease, cancel);
        }

        if (failure.IsWritten)
        {
            await _inner.PutAsync(key, value, expected, lease, cancel);
        }

        throw failure.Said;
    }

    public ValueTask<StoreWrite> DeleteAsync(string key, long? expected, CancellationToken cancel) => _inner.DeleteAsync(key, expected, cancel);

    public ValueTask<StoreWrite> WriteAsync(System.Collections.Immutable.ImmutableArray<StoreEdit> edits, CancellationToken cancel) => _inner.WriteAsync(edits, cancel);

    public ValueTask<LeaseId> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancel) => _inner.GrantLeaseAsync(timeToLive, cancel);

    public async ValueTask<bool> RenewLeaseAsync(LeaseId lease, CancellationToken cancel)
    {
        await (Renewing?.Invoke() ?? Task.CompletedTask);
        return await _inner.RenewLeaseAsync(lease, cancel);
    }

    public ValueTask<DateTimeOffset?> LeaseEndsAsync(LeaseId lease, CancellationToken cancel) => _inner.LeaseEndsAsync(lease, cancel);

    public ValueTask RevokeLeaseAsync(LeaseId lease, CancellationToken cancel) => _inner.RevokeLeaseAsync(lease, cancel);

    public ValueTask<IAsyncDisposable?> TryLockAsync(string name, TimeSpan timeToLive, CancellationToken cancel) => _inner.TryLockAsync(name, timeToLive, cancel);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}
