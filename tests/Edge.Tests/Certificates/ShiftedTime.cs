namespace Edge.Tests.Certificates;

/// <summary>The system's clock with a wall clock that can be set; timers run as ever, as on a machine whose clock jumps.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private long _shift;

    public void Jump(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _shift));
}
