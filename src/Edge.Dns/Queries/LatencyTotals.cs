using System.Collections.Immutable;

namespace Edge.Dns.Queries;

/// <summary>How long answers took, in buckets.</summary>
/// <param name="Counts">How many in each bucket of <see cref="Bounds"/>, and in the end those beyond.</param>
/// <param name="Seconds">All of them.</param>
public sealed record LatencyTotals(ImmutableArray<long> Counts, double Seconds)
{
    /// <summary>The ends of the buckets, in seconds.</summary>
    public static readonly ImmutableArray<double> Bounds = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
}
