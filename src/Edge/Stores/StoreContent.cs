namespace Edge.Stores;

/// <summary>What a store of one box holds in memory. Read by everybody; changed by one thread at a time, by drafts that are durable.</summary>
internal sealed class StoreContent : IDisposable
{
    private readonly TimeProvider _time;
    private readonly LeaseBook _book;
    private volatile StoreImage _image;

    /// <param name="image">What was stored before.</param>
    /// <param name="leases">The leases that were running.</param>
    /// <param name="time">The clock.</param>
    public StoreContent(StoreImage image, IEnumerable<StoredLease> leases, TimeProvider time)
    {
        (_image, _time) = (image, time);
        History = new ChangeHistory(image.Revision);
        Leases = new LeaseClock(time);
        var (now, known) = (time.GetUtcNow(), leases.ToList());
        foreach (var lease in known)
        {
            Leases.Start(lease.Id, lease.TimeToLive, LeaseStart.Left(lease.Ends, lease.TimeToLive, now));
        }

        // What an older version may have left: no entry is to stay for ever because nobody wrote down what it lives by.
        foreach (var lost in image.Entries.Select(entry => entry.Lease).OfType<LeaseId>().Except(known.Select(lease => lease.Id)))
        {
            Leases.Start(lost, LeaseStart.Fair, LeaseStart.Fair);
        }

        _book = new LeaseBook(image, known.Select(lease => lease.Id), known.Where(lease => LeaseStart.BeginsAnew(lease.Ends, lease.TimeToLive, now)).Select(lease => lease.Id));
    }

    /// <summary>The entries.</summary>
    public StoreImage Image => _image;

    /// <summary>The latest changes of them.</summary>
    public ChangeHistory History { get; }

    /// <summary>The leases that run.</summary>
    public LeaseClock Leases { get; }

    /// <summary>The leases that are written down, as they would be now. For the thread that changes.</summary>
    public IEnumerable<StoredLease> WrittenLeases()
    {
        var now = _time.GetUtcNow();
        return Leases.All().Where(lease => _book.IsWritten(lease.Id)).Select(lease => new StoredLease(lease.Id, lease.TimeToLive, now + lease.Remaining));
    }

    /// <summary>Begins a change.</summary>
    public StoreDraft Draft() => new(_image, Leases, _book, _time);

    /// <summary>Makes a draft durable, where it has to be, and then the state of now.</summary>
    /// <param name="draft">Of the state until now.</param>
    /// <param name="persist">Makes it durable, or throws.</param>
    public void Keep(StoreDraft draft, Action<StoreBatch, StoreImage> persist)
    {
        if (draft.NeedsWrite)
        {
            var (batch, before) = (draft.ToBatch(), _image);
            persist(batch, before);
            _book.Take(batch, before);
            _image = draft.Image;
            if (batch.Changes.Length > 0)
            {
                History.Append(batch.Changes);
            }
        }

        _book.End(draft.Ended);
        foreach (var lease in draft.Ended)
        {
            Leases.Remove(lease);
        }
    }

    public void Dispose()
    {
        History.Close();
        Leases.Dispose();
    }
}
