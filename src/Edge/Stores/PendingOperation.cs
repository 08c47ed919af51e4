namespace Edge.Stores;

/// <summary>A change that somebody waits for. It is made with others, and told when all of them are durable.</summary>
internal abstract class PendingOperation
{
    private const int Waits = 0, IsTaken = 1, IsCancelled = 2;

    private int _state;

    /// <summary>Whether what it said hangs on something that this group writes.</summary>
    public bool HangsOnWrite { get; private set; }

    /// <summary>Works it out. False when it is over already: whoever wanted it has gone, or is told that it broke.</summary>
    public bool Apply(StoreDraft draft)
    {
        if (Interlocked.CompareExchange(ref _state, IsTaken, Waits) != Waits)
        {
            return false;
        }

        try
        {
            Work(draft);
        }
        catch (Exception broken)
        {
            // A fault here; the others go on.
            TellFailed(broken);
            return false;
        }

        HangsOnWrite = draft.NeedsWrite;
        return true;
    }

    /// <summary>Ends the wait, unless the change is being made: then its outcome is what counts.</summary>
    public void Cancel(CancellationToken cancel)
    {
        if (Interlocked.CompareExchange(ref _state, IsCancelled, Waits) == Waits)
        {
            TellCancelled(cancel);
        }
    }

    /// <summary>Tells what was worked out: it holds.</summary>
    public abstract void Tell();

    /// <summary>Tells that it does not.</summary>
    public abstract void TellFailed(Exception wrong);

    protected abstract void Work(StoreDraft draft);

    protected abstract void TellCancelled(CancellationToken cancel);
}
