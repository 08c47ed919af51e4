namespace Edge.Admin.Reports;

/// <summary>How one upstream does.</summary>
/// <param name="Server">Which one it is, as in edge.yaml.</param>
/// <param name="State">"up", "down", or "unasked" before the first answer.</param>
/// <param name="Milliseconds">What it takes to answer; null before the first answer.</param>
/// <param name="Queries">Queries sent to it since the start.</param>
/// <param name="LastFailure">When it last failed; null when never.</param>
/// <param name="LastError">What happened then.</param>
internal sealed record UpstreamReport(string Server, string State, double? Milliseconds, long Queries, DateTimeOffset? LastFailure, string? LastError);
