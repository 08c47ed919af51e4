using System.Collections.Immutable;

namespace Edge.Observability.Metrics;

/// <summary>How long something took, counted in the buckets that Prometheus reads. Counted by many threads at once, without a lock.</summary>
/// <remarks>A part of what counts it: a request of one route among many finds none of this in the caches, and should not have to look for it.</remarks>
internal struct Histogram
{
    /// <summary>The upper ends of the buckets in seconds: from an answer of the same house to one that a person gives up waiting for.</summary>
    public static readonly ImmutableArray<double> Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

    private static readonly ImmutableArray<long> Ticks = [.. Bounds.Select(bound => (long)(bound * TimeSpan.TicksPerSecond))];

    // The sum stands beside the bucket that is counted most.
    private long _sum;
    private HistogramBuckets _counts;

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
    public (long[] Counts, double Sum) Read()
    {
        var counts = new long[HistogramBuckets.Count];
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            counts[bucket] = Volatile.Read(ref _counts[bucket]);
        }

        return (counts, (double)Volatile.Read(ref _sum) / TimeSpan.TicksPerSecond);
    }
}
