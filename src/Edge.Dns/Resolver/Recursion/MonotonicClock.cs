namespace Edge.Dns.Resolver.Recursion;

/// <summary>Milliseconds since it was made, whatever happens to the time of day.</summary>
internal sealed class MonotonicClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    public TimeProvider Time { get; } = time;

    public long Now => (long)Time.GetElapsedTime(_start).TotalMilliseconds;
}
