using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>One certificate: what it covers, who issued it, until when, and how its renewal stands.</summary>
internal sealed record CertificateReport(ImmutableArray<string> Names, string Issuer, DateTimeOffset? NotAfter, string State, string? Detail, string? Path);
