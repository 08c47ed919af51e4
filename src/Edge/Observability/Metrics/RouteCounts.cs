using Edge.Observability.Requests;

namespace Edge.Observability.Metrics;

/// <summary>What is counted of the requests of one route.</summary>
internal sealed class RouteCounts
{
    private const int Classes = 6;

    private readonly long[] _classes = new long[Classes];
    private long _bytes;
    private long _errors;

    /// <summary>From the header of the request to the end of the answer.</summary>
    public Histogram Durations { get; } = new();

    /// <summary>What destinations took.</summary>
    public Histogram Upstream { get; } = new();

    /// <summary>Bytes of answers' bodies.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Attempts at destinations that failed.</summary>
    public long Errors => Volatile.Read(ref _errors);

    public void Add(RequestRecord record)
    {
        Interlocked.Increment(ref _classes[Math.Clamp(record.Status / 100, 0, Classes - 1)]);
        // A WebSocket is open for as long as somebody wants it: that is no time that somebody waited.
        if (record.Status != 101)
        {
            Durations.Add(record.Duration);
            if (record.Upstream is { } upstream)
            {
                Upstream.Add(upstream);
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
        _classes.Select((_, index) => ($"{index}xx", Volatile.Read(ref _classes[index]))).Where(pair => pair.Item2 > 0);
}
