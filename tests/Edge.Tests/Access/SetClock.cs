namespace Edge.Tests.Access;

/// <summary>A clock that somebody sets, beside a time that goes on: as after a wrong time at boot.</summary>
internal sealed class SetClock(TimeProvider inner) : TimeProvider
{
    public TimeSpan Off { get; set; }

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Off;

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);
}
