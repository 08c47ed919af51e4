namespace Edge.Admin.Reports;

/// <summary>A certificate that was made for a client; certificate, key and root in PEM. Edge keeps no copy of the key.</summary>
internal sealed record MadeClientReport(string Name, string Serial, DateTimeOffset NotAfter, string Certificate, string Key, string Root);
