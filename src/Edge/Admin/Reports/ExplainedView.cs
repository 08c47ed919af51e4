namespace Edge.Admin.Reports;

/// <summary>The view a client is in, and the network that put it there.</summary>
internal sealed record ExplainedView(string Name, string Why);
