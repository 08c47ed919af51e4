namespace Edge.Admin.Reports;

/// <summary>One destination and whether it takes a connection at this moment: "answers", "does not answer: Connection refused".</summary>
internal sealed record ExplainedDestination(string Address, string Health);
