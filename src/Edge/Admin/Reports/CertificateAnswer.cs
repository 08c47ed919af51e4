namespace Edge.Admin.Reports;

/// <summary>What was done with a certificate or an account, for a person.</summary>
internal sealed record CertificateAnswer(string Done);
