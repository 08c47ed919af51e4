namespace Edge.Observability.Metrics;

/// <summary>A route by which requests are counted. Its counts are found by its name once, and lie at hand from then on.</summary>
/// <param name="id">Its name.</param>
internal abstract class CountedRoute(string id)
{
    /// <summary>Its name: "service:shop". Two routes may have the same one, and are counted as one.</summary>
    public string Id { get; } = id;

    /// <summary>What is counted of it; null before its first request.</summary>
    public RouteCounts? Counts { get; set; }
}
