namespace Edge.Dns.Resolver;

/// <summary>A counter that listener threads can bump without sharing a cache line.</summary>
internal sealed class StripedCounter
{
    // 16 longs are two cache lines, so that a neighbour line fetched ahead is no other stripe's.
    private const int Stride = 16;
    private const int Stripes = 16;
    private readonly long[] _counts = new long[Stripes * Stride];

    public long Value
    {
        get
        {
            var sum = 0L;
            for (var i = 0; i < Stripes; i++)
            {
                sum += Volatile.Read(ref _counts[i * Stride]);
            }

            return sum;
        }
    }

    public void Increment() => Interlocked.Increment(ref _counts[(Thread.GetCurrentProcessorId() & (Stripes - 1)) * Stride]);
}
