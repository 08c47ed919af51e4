namespace Edge.Tests.Certificates;

/// <summary>A clock for which every wait is over at once: a timer moves it to its own due time and fires. It remembers the waits.</summary>
internal sealed class ImpatientTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _waits = [];
    private DateTimeOffset _now = start;

    public IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (_gate)
            {
                return [.. _waits];
            }
        }
    }

    public void Jump(TimeSpan by)
    {
        lock (_gate)
        {
            _now += by;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Timer(this, callback, state, dueTime);

    private sealed class Timer : ITimer
    {
        public Timer(ImpatientTime time, TimerCallback callback, object? state, TimeSpan dueTime)
        {
            // The long ones are guards against a hang, not waits: they do not fire.
            if (dueTime >= TimeSpan.Zero && dueTime < TimeSpan.FromSeconds(20))
            {
                lock (time._gate)
                {
                    time._waits.Add(dueTime);
                    time._now += dueTime;
                }

                ThreadPool.UnsafeQueueUserWorkItem(_ => callback(state), null);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
