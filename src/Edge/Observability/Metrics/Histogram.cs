using System.Collections.Immutable;

namespace Edge.Observability.Metrics;

/// <summary>How long something took, counted in the buckets that Prometheus reads. Counted by many threads at once, without a lock.</summary>
internal sealed class Histogram
{
    /// <summary>The upper ends of the buckets in seconds: from an answer of the same house to one that a person gives up waiting for.</summary>
    public static readonly ImmutableArray<double> Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

    private static readonly ImmutableArray<long> Ticks = [.. Bounds.Select(bound => (long)(bound * TimeSpan.TicksPerSecond))];

    // One more for what took longer.
    private readonly long[] _counts = new long[Bounds.Length + 1];
    private long _sum;

    public void Add(TimeSpan time)
    {
        var bucket = 0;
        while (bucket < Ticks.Length && time.Ticks > Ticks[bucket])
        {
            bucket++;
        }

        Interlocked.Increment(ref _counts[bucket]);
        Interlocked.Add(ref _sum, time.Ticks);
    }

    /// <summary>How many in each bucket, the last one without an end, and all their seconds.</summary>
    public (long[] Counts, double Sum) Read() =>
        ([.. Enumerable.Range(0, _counts.Length).Select(bucket => Volatile.Read(ref _counts[bucket]))], (double)Volatile.Read(ref _sum) / TimeSpan.TicksPerSecond);
}
