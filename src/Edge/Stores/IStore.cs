namespace Edge.Stores;

/// <summary>
/// What Edge must not forget and what several boxes must agree on: keys like paths ("services/photos"), values as
/// bytes, one revision that grows with every change, leases that take their keys with them when they end.
/// The shape is etcd's, so that one box and a fleet run the same code. A write that returned is on the disk.
/// </summary>
internal interface IStore : IAsyncDisposable
{
    /// <summary>The entry under <paramref name="key"/>, or null.</summary>
    ValueTask<StoreEntry?> GetAsync(string key, CancellationToken cancel);

    /// <summary>Every entry whose key begins with <paramref name="prefix"/>, ordered by key, and the revision it is true for.</summary>
    ValueTask<StoreListing> ListAsync(string prefix, CancellationToken cancel);

    /// <summary>
    /// Writes a value, optionally only if the key's revision is still <paramref name="expected"/> (0: only if the key
    /// does not exist), optionally bound to a lease.
    /// </summary>
    /// <returns>The new revision, or <see cref="StoreWrite.Conflict"/> with the entry that stands there.</returns>
    /// <exception cref="StoreUnavailableException">The write is not durable: disk full, store away. Nothing was changed.</exception>
    ValueTask<StoreWrite> PutAsync(string key, ReadOnlyMemory<byte> value, long? expected, LeaseId? lease, CancellationToken cancel);

    /// <summary>Removes a key, optionally only at an expected revision. Removing what is not there succeeds.</summary>
    ValueTask<StoreWrite> DeleteAsync(string key, long? expected, CancellationToken cancel);

    /// <summary>Puts and removes several keys, bound to no lease: all of it takes place, or nothing does.</summary>
    /// <exception cref="StoreUnavailableException">The write is not durable. Nothing was changed.</exception>
    ValueTask<StoreWrite> WriteAsync(System.Collections.Immutable.ImmutableArray<StoreEdit> edits, CancellationToken cancel);

    /// <summary>
    /// Changes to keys under <paramref name="prefix"/> with a revision above <paramref name="after"/>, in order, as
    /// they happen; ends only by cancellation.
    /// </summary>
    /// <exception cref="StoreCompactedException">Changes that old are no longer known: list again.</exception>
    IAsyncEnumerable<StoreChange> WatchAsync(string prefix, long after, CancellationToken cancel);

    /// <summary>
    /// Makes a lease; keys put with it are deleted, as ordinary watched changes, when it ends without renewal. A lease that
    /// holds no key yet may be gone after a crash.
    /// </summary>
    ValueTask<LeaseId> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancel);

    /// <summary>Starts the lease's time anew. False when it has ended.</summary>
    ValueTask<bool> RenewLeaseAsync(LeaseId lease, CancellationToken cancel);

    /// <summary>When the lease ends by this machine's clock; null when it has ended.</summary>
    ValueTask<DateTimeOffset?> LeaseEndsAsync(LeaseId lease, CancellationToken cancel);

    /// <summary>Ends a lease now, and deletes its keys.</summary>
    ValueTask RevokeLeaseAsync(LeaseId lease, CancellationToken cancel);

    /// <summary>Takes a lock of the whole fleet by name, or returns null at once when somebody else holds it.</summary>
    ValueTask<IAsyncDisposable?> TryLockAsync(string name, TimeSpan timeToLive, CancellationToken cancel);
}
