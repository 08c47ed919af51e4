using Edge.Observability.Requests;

namespace Edge.Observability.Metrics;

/// <summary>What is counted of the requests of one route.</summary>
internal sealed class RouteCounts
{
    /// <summary>How many bytes it has, about.</summary>
    public const int Size = 8 * (StatusClasses.Count + (2 * (HistogramBuckets.Count + 1)) + 4);

    // All in one place, and not in arrays: this is cold for a request of one route among many.
    private StatusClasses _classes;
    private long _bytes;
    private long _errors;
    private Histogram _durations;
    private Histogram _upstream;

    /// <summary>From the header of the request to the end of the answer.</summary>
    public (long[] Counts, double Sum) Durations => _durations.Read();

    /// <summary>What destinations took.</summary>
    public (long[] Counts, double Sum) Upstream => _upstream.Read();

    /// <summary>They stand in the metrics: not before the first request, and not when the route was forgotten.</summary>
    public bool IsKept { get; set; }

    /// <summary>Nothing was counted yet.</summary>
    public bool IsEmpty => !ByClass().Any();

    /// <summary>Bytes of answers' bodies.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Attempts at destinations that failed.</summary>
    public long Errors => Volatile.Read(ref _errors);

    public void Add(RequestRecord record)
    {
        Interlocked.Increment(ref _classes[Math.Clamp(record.Status / 100, 0, StatusClasses.Count - 1)]);
        // A WebSocket is open for as long as somebody wants it: that is no time that somebody waited.
        if (record.Status != 101)
        {
            _durations.Add(record.Duration);
            if (record.Upstream is { } upstream)
            {
                _upstream.Add(upstream);
            }
        }

        if (record.Bytes is { } bytes and > 0)
        {
            Interlocked.Add(ref _bytes, bytes);
        }

        if (record.Failures > 0)
        {
            Interlocked.Add(ref _errors, record.Failures);
        }
    }

    /// <summary>The classes of status that occurred, "2xx", and how often.</summary>
    public IEnumerable<(string Class, long Count)> ByClass() =>
        Enumerable.Range(0, StatusClasses.Count).Select(index => ($"{index}xx", Volatile.Read(ref _classes[index]))).Where(pair => pair.Item2 > 0);
}
