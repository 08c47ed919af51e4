namespace Edge.Observability.Metrics;

/// <summary>A route by which requests are counted. Its counts are found by its name once, and lie at hand from then on.</summary>
internal abstract class CountedRoute
{
    /// <param name="id">Its name.</param>
    protected CountedRoute(string id)
    {
        // Objects that are made one after the other lie so in memory: of many routes, where each is cold, what is read of one is in one page.
        Id = new string(id.AsSpan());
        Counts = new RouteCounts();
    }

    /// <summary>Its name: "service:shop". Two routes may have the same one, and are counted as one.</summary>
    public string Id { get; }

    /// <summary>What is counted of it; at first its own, which nobody knows before its first request.</summary>
    public RouteCounts Counts { get; set; }
}
