namespace Edge.Stores;

/// <summary>
/// What each lease holds, and which are on the disk. One that holds nothing need not be there: its beginning is written with
/// the first key that it holds, and its end with whatever is written next. Used by one thread at a time.
/// </summary>
internal sealed class LeaseBook
{
    private readonly Dictionary<LeaseId, HashSet<string>> _held = [];
    private readonly HashSet<LeaseId> _written = [];
    private readonly HashSet<LeaseId> _ended = [];
    private readonly HashSet<LeaseId> _begunAnew = [];

    /// <param name="image">What was stored before.</param>
    /// <param name="leases">The leases that were.</param>
    /// <param name="begunAnew">Those of them whose end is another than the one on the disk.</param>
    public LeaseBook(StoreImage image, IEnumerable<LeaseId> leases, IEnumerable<LeaseId> begunAnew)
    {
        _written.UnionWith(leases);
        _begunAnew.UnionWith(begunAnew);
        foreach (var entry in image.Entries)
        {
            Hold(entry);
        }
    }

    /// <summary>Leases whose end is still to be written, with whatever is written next.</summary>
    public IReadOnlyCollection<LeaseId> Ended => _ended;

    /// <summary>Leases that began anew with this start, to be written with whatever is written next.</summary>
    public IReadOnlyCollection<LeaseId> BegunAnew => _begunAnew;

    public bool IsWritten(LeaseId lease) => _written.Contains(lease);

    public IEnumerable<string> KeysOf(LeaseId lease) => _held.TryGetValue(lease, out var keys) ? keys : [];

    /// <summary>Takes note of what was made durable.</summary>
    /// <param name="batch">That.</param>
    /// <param name="before">What stood before it.</param>
    public void Take(StoreBatch batch, StoreImage before)
    {
        foreach (var key in batch.Changes.Select(change => change.Key).Distinct(StringComparer.Ordinal))
        {
            if (before.Find(key)?.Lease is { } old && _held.TryGetValue(old, out var keys) && keys.Remove(key) && keys.Count == 0)
            {
                _held.Remove(old);
            }
        }

        // Of several changes of a key the last one is what stands.
        foreach (var last in batch.Changes.Reverse().DistinctBy(change => change.Key, StringComparer.Ordinal))
        {
            if (last.Entry is { } entry)
            {
                Hold(entry);
            }
        }

        foreach (var lease in batch.Leases)
        {
            _written.Add(lease.Id);
            _begunAnew.Remove(lease.Id);
        }

        foreach (var lease in batch.Ended)
        {
            _written.Remove(lease);
            _ended.Remove(lease);
        }
    }

    /// <summary>Leases have ended, and nothing of that was written.</summary>
    public void End(IEnumerable<LeaseId> leases)
    {
        foreach (var lease in leases)
        {
            _begunAnew.Remove(lease);
            if (_written.Contains(lease))
            {
                _ended.Add(lease);
            }
        }
    }

    private void Hold(StoreEntry entry)
    {
        if (entry.Lease is { } lease)
        {
            if (!_held.TryGetValue(lease, out var keys))
            {
                _held.Add(lease, keys = new HashSet<string>(1, StringComparer.Ordinal));
            }

            keys.Add(entry.Key);
        }
    }
}
