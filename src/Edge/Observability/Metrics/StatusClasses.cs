using System.Runtime.CompilerServices;

namespace Edge.Observability.Metrics;

/// <summary>Counts by the class of a status: 1xx to 5xx, and 0 for none.</summary>
[InlineArray(Count)]
internal struct StatusClasses
{
    public const int Count = 6;

    private long _first;
}
