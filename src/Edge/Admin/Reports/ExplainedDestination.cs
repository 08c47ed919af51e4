namespace Edge.Admin.Reports;

/// <summary>One destination and what is known of its health: "healthy", "unhealthy", "not asked yet".</summary>
internal sealed record ExplainedDestination(string Address, string Health);
