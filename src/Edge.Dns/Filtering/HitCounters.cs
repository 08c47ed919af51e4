namespace Edge.Dns.Filtering;

/// <summary>Counts what each source blocked; threads that count at the same time do not share a cache line.</summary>
public sealed class HitCounters
{
    private const int Stripes = 16;
    // What no source blocked but the hours of a group.
    private const int Columns = RuleSetBuilder.MaxSources + 1;
    private readonly long[]?[] _counts = new long[Stripes][];

    /// <summary>Questions that a source blocked; -1 for those blocked by the hours of a group.</summary>
    public long this[int source]
    {
        get
        {
            var sum = 0L;
            foreach (var stripe in _counts)
            {
                sum += stripe is null ? 0 : Volatile.Read(ref stripe[source + 1]);
            }

            return sum;
        }
    }

    /// <summary>Starts all counts anew.</summary>
    public void Clear()
    {
        foreach (var stripe in _counts)
        {
            stripe?.AsSpan().Clear();
        }
    }

    internal void Increment(int source)
    {
        ref var stripe = ref _counts[Thread.GetCurrentProcessorId() & (Stripes - 1)];
        Interlocked.Increment(ref (stripe ?? Interlocked.CompareExchange(ref stripe, new long[Columns], null) ?? stripe)[source + 1]);
    }
}
