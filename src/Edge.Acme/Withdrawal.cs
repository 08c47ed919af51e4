namespace Edge.Acme;

/// <summary>Takes something away again, once.</summary>
internal sealed class Withdrawal(Action withdraw) : IAsyncDisposable
{
    private Action? _withdraw = withdraw;

    public ValueTask DisposeAsync()
    {
        Interlocked.Exchange(ref _withdraw, null)?.Invoke();
        return ValueTask.CompletedTask;
    }
}
