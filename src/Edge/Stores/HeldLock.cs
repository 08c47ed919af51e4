namespace Edge.Stores;

/// <summary>A lock that was taken; disposing it gives it back, once.</summary>
internal sealed class HeldLock(Action release) : IAsyncDisposable
{
    private Action? _release = release;

    public ValueTask DisposeAsync()
    {
        Interlocked.Exchange(ref _release, null)?.Invoke();
        return ValueTask.CompletedTask;
    }
}
