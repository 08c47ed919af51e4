namespace Edge.Dns.Queries;

/// <summary>The queries of one minute.</summary>
/// <param name="Time">When it began.</param>
/// <param name="Queries">All of them, those that were only counted included.</param>
/// <param name="Blocked">Those that a list blocked.</param>
public sealed record MinuteCount(DateTimeOffset Time, long Queries, long Blocked);
