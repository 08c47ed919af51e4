namespace Edge.Dns.Queries;

/// <summary>What a follower is told: a query, or that there were more than it took.</summary>
/// <param name="Query">The query.</param>
/// <param name="Missed">How many queries it has not seen since the last line.</param>
public sealed record QueryEvent(RecordedQuery? Query, long? Missed = null);
