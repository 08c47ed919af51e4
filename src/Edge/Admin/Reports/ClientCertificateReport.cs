namespace Edge.Admin.Reports;

/// <summary>A certificate of Edge's own CA for a client.</summary>
internal sealed record ClientCertificateReport(string Name, string Serial, DateTimeOffset NotAfter, DateTimeOffset? Revoked);
