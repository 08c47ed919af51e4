using System.Runtime.CompilerServices;

namespace Edge.Observability.Metrics;

/// <summary>The counts of a <see cref="Histogram"/>, where it lies: one for each of its bounds, and one for what took longer.</summary>
[InlineArray(Count)]
internal struct HistogramBuckets
{
    public const int Count = 15;

    private long _first;
}
