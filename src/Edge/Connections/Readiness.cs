using System.Threading.Tasks.Sources;

namespace Edge.Connections;

/// <summary>
/// Whether one direction of a socket may be tried, for one reader or one writer. The kernel tells of a change once
/// (EPOLLET), so that it is noted here until it is used. Who waits goes on upon the thread that brings the news.
/// </summary>
internal sealed class Readiness(bool ready) : IValueTaskSource
{
    private const int NotReady = 0;
    private const int Ready = 1;
    private const int Waiting = 2;

    private ManualResetValueTaskSourceCore<bool> _wait;
    private int _state = ready ? Ready : NotReady;

    public bool IsReady => Volatile.Read(ref _state) == Ready;

    /// <summary>Before a system call: news that come from now on are noted anew.</summary>
    public void Take() => Interlocked.Exchange(ref _state, NotReady);

    /// <summary>After a system call that may be followed by another one.</summary>
    public void Keep() => Interlocked.CompareExchange(ref _state, Ready, NotReady);

    /// <summary>News, or a reason for whoever waits to look again. From any thread.</summary>
    public void Signal()
    {
        if (Interlocked.Exchange(ref _state, Ready) == Waiting)
        {
            _wait.SetResult(true);
        }
    }

    /// <summary>Ends with the next news; at once when they are there already.</summary>
    public ValueTask WaitAsync()
    {
        if (IsReady)
        {
            return ValueTask.CompletedTask;
        }

        _wait.Reset();
        return Interlocked.CompareExchange(ref _state, Waiting, NotReady) == NotReady ? new ValueTask(this, _wait.Version) : ValueTask.CompletedTask;
    }

    void IValueTaskSource.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);
}
