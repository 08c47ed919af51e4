using System.Collections.Immutable;

namespace Edge.Stores;

/// <summary>What a group of operations makes of the store, one after the other. None of it holds before it is durable.</summary>
/// <param name="image">What stands before.</param>
/// <param name="clock">Knows which leases run.</param>
/// <param name="book">Knows what they hold.</param>
/// <param name="time">The wall clock, for what is written down.</param>
internal sealed class StoreDraft(StoreImage image, LeaseClock clock, LeaseBook book, TimeProvider time)
{
    private readonly List<StoreChange> _changes = [];
    private readonly Dictionary<LeaseId, StoredLease> _leases = [];
    private readonly Dictionary<LeaseId, List<string>> _put = [];
    private readonly HashSet<LeaseId> _ended = [];
    private bool _isForced;

    /// <summary>What stands after it.</summary>
    public StoreImage Image { get; private set; } = image;

    /// <summary>Leases that it ends.</summary>
    public IReadOnlyCollection<LeaseId> Ended => _ended;

    /// <summary>Whether there is something that has to be durable.</summary>
    public bool NeedsWrite => _changes.Count > 0 || _leases.Count > 0 || _isForced;

    /// <param name="key">The key.</param>
    /// <param name="value">Its value, which nobody else writes to.</param>
    /// <param name="expected">The revision that it must have; null for any.</param>
    /// <param name="lease">The lease that it lives by.</param>
    public StoreWrite Put(string key, ReadOnlyMemory<byte> value, long? expected, LeaseId? lease)
    {
        if (Conflict(key, expected, out var found) is { } conflict)
        {
            return conflict;
        }

        if (lease is { } id)
        {
            // The clock is asked once: what it says next may be that the lease has ended, which then would not be written with what it holds.
            if (_ended.Contains(id) || !(book.IsWritten(id) ? clock.Remaining(id) is not null : Write(id)))
            {
                return new StoreWrite(Image.Revision, LeaseEnded: true);
            }

            Hold(id, key);
        }

        var revision = Image.Revision + 1;
        return Change(new StoreChange(key, revision, new StoreEntry(key, value, revision, lease)));
    }

    public StoreWrite Delete(string key, long? expected) =>
        Conflict(key, expected, out var found) ?? (found is null ? new StoreWrite(Image.Revision) : Change(new StoreChange(key, Image.Revision + 1, null)));

    public StoreWrite Write(ImmutableArray<StoreEdit> edits)
    {
        foreach (var edit in edits)
        {
            _ = edit.Value is { } value ? Put(edit.Key, value, null, null) : Delete(edit.Key, null);
        }

        return new StoreWrite(Image.Revision);
    }

    /// <summary>Starts a lease's time anew.</summary>
    public bool Renew(LeaseId lease)
    {
        if (_ended.Contains(lease) || clock.Renew(lease) is null)
        {
            return false;
        }

        return !book.IsWritten(lease) || Write(lease);
    }

    /// <summary>Ends leases that run or are due, and removes what they hold.</summary>
    public bool End(IReadOnlyList<LeaseId> leases)
    {
        foreach (var lease in leases.Where(_ended.Add))
        {
            _leases.Remove(lease);
            foreach (var key in book.KeysOf(lease).Concat(_put.GetValueOrDefault(lease) ?? []).Distinct(StringComparer.Ordinal).Where(key => Image.Find(key)?.Lease == lease).Order(StringComparer.Ordinal).ToList())
            {
                Change(new StoreChange(key, Image.Revision + 1, null));
            }
        }

        return leases.Count > 0;
    }

    public bool Revoke(LeaseId lease) => clock.Remaining(lease) is not null && End([lease]);

    /// <summary>Has what waits for the next write written now.</summary>
    public bool WriteAll() => _isForced = book.BegunAnew.Count > 0;

    /// <summary>What is to be made durable, as a whole.</summary>
    public StoreBatch ToBatch()
    {
        foreach (var lease in book.BegunAnew.Where(lease => !_ended.Contains(lease)))
        {
            _ = Write(lease);
        }

        return new StoreBatch
        {
            Changes = [.. _changes],
            Leases = [.. _leases.Values],
            Ended = [.. _ended.Where(book.IsWritten).Union(book.Ended)],
        };
    }

    private StoreWrite? Conflict(string key, long? expected, out StoreEntry? found)
    {
        found = Image.Find(key);
        return expected is { } wanted && wanted != (found?.Revision ?? 0) ? new StoreWrite(Image.Revision, Conflict: true, found) : null;
    }

    private StoreWrite Change(StoreChange change)
    {
        Image = Image.With([change]);
        _changes.Add(change);
        return new StoreWrite(change.Revision);
    }

    private void Hold(LeaseId lease, string key)
    {
        if (!_put.TryGetValue(lease, out var keys))
        {
            _put.Add(lease, keys = new List<string>(1));
        }

        keys.Add(key);
    }

    // False when it has ended.
    private bool Write(LeaseId lease)
    {
        if (clock.Find(lease) is not { } running)
        {
            return false;
        }

        _leases[lease] = new StoredLease(lease, running.TimeToLive, time.GetUtcNow() + running.Remaining);
        return true;
    }
}
