using System.Net;

namespace Edge.Dns.Resolver;

/// <summary>How one upstream does, for status pages.</summary>
/// <param name="EndPoint">Its address and port.</param>
/// <param name="IsDown">True while it is not asked because it did not answer.</param>
/// <param name="Latency">Smoothed time to answer; null before the first answer.</param>
/// <param name="Queries">Queries sent to it.</param>
/// <param name="LastFailure">When it last failed to answer; null when never.</param>
/// <param name="LastError">What happened then, in words.</param>
public sealed record UpstreamState(IPEndPoint EndPoint, bool IsDown, TimeSpan? Latency, long Queries, DateTimeOffset? LastFailure, string? LastError);
