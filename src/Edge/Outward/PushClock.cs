namespace Edge.Outward;

/// <summary>How long ago a name was pushed. The time of day is asked once, for what a process before this one did: it may be set meanwhile.</summary>
/// <param name="time">The clock.</param>
/// <param name="before">When it was pushed last, by the time of day; null for never.</param>
internal sealed class PushClock(TimeProvider time, DateTimeOffset? before)
{
    private TimeSpan _before = before is { } at && time.GetUtcNow() - at is { Ticks: > 0 } passed ? passed : TimeSpan.Zero;
    private long _start = time.GetTimestamp();

    public TimeSpan Passed => _before + time.GetElapsedTime(_start);

    /// <summary>It is pushed now.</summary>
    public void Start() => (_before, _start) = (TimeSpan.Zero, time.GetTimestamp());
}
