namespace Edge.Streams;

/// <summary>Ends a relay in which nothing has moved for a while.</summary>
internal sealed class IdleWatch : IDisposable
{
    private readonly TimeSpan _idle;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending;
    private readonly ITimer _timer;
    private long _moved;

    public IdleWatch(TimeSpan idle, TimeProvider time, CancellationTokenSource ending)
    {
        (_idle, _time, _ending) = (idle, time, ending);
        _moved = time.GetTimestamp();
        _timer = time.CreateTimer(static state => ((IdleWatch)state!).Look(), this, idle, Timeout.InfiniteTimeSpan);
    }

    public bool HasEnded { get; private set; }

    public void Moved() => Volatile.Write(ref _moved, _time.GetTimestamp());

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var left = _idle - _time.GetElapsedTime(Volatile.Read(ref _moved));
        if (left > TimeSpan.Zero)
        {
            _timer.Change(left, Timeout.InfiniteTimeSpan);
            return;
        }

        HasEnded = true;
        try
        {
            _ending.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The relay ended by itself meanwhile.
        }
    }
}
