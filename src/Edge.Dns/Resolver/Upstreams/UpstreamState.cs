namespace Edge.Dns.Resolver.Upstreams;

/// <summary>How one upstream does, for status pages.</summary>
/// <param name="Server">Which one it is.</param>
/// <param name="IsDown">True while it is not asked because it did not answer.</param>
/// <param name="Latency">Smoothed time to answer; null before the first answer.</param>
/// <param name="Queries">Queries sent to it.</param>
/// <param name="LastFailure">When it last failed to answer; null when never.</param>
/// <param name="LastError">What happened then, in words.</param>
public sealed record UpstreamState(UpstreamServer Server, bool IsDown, TimeSpan? Latency, long Queries, DateTimeOffset? LastFailure, string? LastError);
