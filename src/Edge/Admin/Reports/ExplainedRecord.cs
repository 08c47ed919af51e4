namespace Edge.Admin.Reports;

/// <summary>One record in zone-file text, and who declared it: file:line or a service.</summary>
internal sealed record ExplainedRecord(string Text, string Source);
