using Edge.Stores;

namespace Edge.Services;

/// <summary>Puts registrations into the store and takes them out, each with its lease, and waits until that is served.</summary>
internal sealed class RegistrationWriter(IStore store, RegistrationSource source, TimeProvider time)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    /// <summary>The key of a registration.</summary>
    /// <param name="name">Its name, in lower case.</param>
    public static string Key(string name) => Registration.Prefix + name;

    /// <summary>Stores a registration and waits until names, route and certificate are served.</summary>
    /// <param name="registration">What is registered.</param>
    /// <param name="entry">What stands in its place; null for nothing.</param>
    /// <param name="before">The same, read.</param>
    /// <param name="cancel">Ends the wait; what is stored stays.</param>
    /// <returns>The revision, the lease, and whether it is served; null when somebody was faster and everything must be looked at again.</returns>
    public async Task<(long Revision, LeaseId Lease, bool Live)?> PutAsync(Registration registration, StoreEntry? entry, Registration? before, CancellationToken cancel)
    {
        // 1. The lease: the one it has, with its time begun anew, or a new one.
        var kept = before?.TimeToLive == registration.TimeToLive && entry?.Lease is { } old && await store.RenewLeaseAsync(old, cancel).ConfigureAwait(false);
        var lease = kept ? entry!.Lease!.Value : await store.GrantLeaseAsync(registration.TimeToLive, cancel).ConfigureAwait(false);

        // 2. The entry; one that says the same as before stays as it is.
        var revision = entry?.Revision ?? 0;
        if (!kept || before is null || registration with { Since = before.Since } != before)
        {
            var write = await WriteAsync(registration, entry, lease, kept, cancel).ConfigureAwait(false);
            if (!write.Done)
            {
                return null;
            }

            revision = write.Revision;
        }

        // 3. The lease it had before holds nothing any more. What is stored is served meanwhile.
        var forgotten = kept ? Task.CompletedTask : ForgetAsync(entry?.Lease, cancel);
        var live = await LiveAsync(revision, cancel).ConfigureAwait(false);
        await forgotten.ConfigureAwait(false);
        return (revision, lease, live);
    }

    /// <summary>Removes a registration and waits until nobody serves it.</summary>
    /// <returns>Whether that is so; null when somebody was faster.</returns>
    public async Task<bool?> RemoveAsync(StoreEntry entry, CancellationToken cancel)
    {
        var write = await DeleteAsync(entry, cancel).ConfigureAwait(false);
        if (write.Conflict)
        {
            return null;
        }

        var forgotten = ForgetAsync(entry.Lease, cancel);
        var live = await LiveAsync(write.Revision, cancel).ConfigureAwait(false);
        await forgotten.ConfigureAwait(false);
        return live;
    }

    private async Task<StoreWrite> WriteAsync(Registration registration, StoreEntry? entry, LeaseId lease, bool kept, CancellationToken cancel)
    {
        var written = false;
        try
        {
            var write = await store.PutAsync(Key(registration.Name), RegistrationFormat.Write(registration), entry?.Revision ?? 0, lease, cancel).ConfigureAwait(false);
            written = write.Done;
            return write;
        }
        finally
        {
            if (!written && !kept)
            {
                await ForgetAsync(lease, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async Task<StoreWrite> DeleteAsync(StoreEntry entry, CancellationToken cancel)
    {
        var removed = false;
        source.Leaves(entry.Key, true);
        try
        {
            var write = await store.DeleteAsync(entry.Key, entry.Revision, cancel).ConfigureAwait(false);
            removed = write.Done;
            return write;
        }
        finally
        {
            if (!removed)
            {
                source.Leaves(entry.Key, false);
            }
        }
    }

    // A lease that holds nothing ends by itself; that it cannot be ended now is no reason to fail.
    private async Task ForgetAsync(LeaseId? lease, CancellationToken cancel)
    {
        try
        {
            if (lease is { } id)
            {
                await store.RevokeLeaseAsync(id, cancel).ConfigureAwait(false);
            }
        }
        catch (StoreUnavailableException)
        {
        }
    }

    private async Task<bool> LiveAsync(long revision, CancellationToken cancel)
    {
        using var wait = new CancellationTokenSource(LongestWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(wait.Token, cancel);
        try
        {
            await source.WaitUntilLiveAsync(revision, either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}
