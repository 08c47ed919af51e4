namespace Edge.Admin.Reports;

/// <summary>An address or a network that is let in nowhere.</summary>
internal sealed record BanReport(string Network, DateTimeOffset Until, string Reason, string Source, int Times);
