namespace Edge.Stores;

/// <summary>A change with its result.</summary>
/// <param name="work">Makes it in the draft.</param>
/// <param name="despite">What is told though it could not be written; null for the failure.</param>
internal sealed class PendingResult<T>(Func<StoreDraft, T> work, Func<T, StoreUnavailableException, bool>? despite) : PendingOperation
{
    private readonly TaskCompletionSource<T> _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    /// <summary>Completes when the change is durable.</summary>
    public Task<T> Told => _told.Task;

    public override void Tell() => _told.TrySetResult(_result!);

    public override void TellFailed(Exception wrong)
    {
        if (wrong is StoreUnavailableException away && despite?.Invoke(_result!, away) is true)
        {
            Tell();
        }
        else
        {
            _told.TrySetException(wrong);
        }
    }

    protected override void Work(StoreDraft draft) => _result = work(draft);

    protected override void TellCancelled(CancellationToken cancel) => _told.TrySetCanceled(cancel);
}
