namespace Edge.Admin.Reports;

/// <summary>What is to be done with a certificate or an account.</summary>
/// <param name="Name">A name of the certificate; for a rollover the CA, null for all.</param>
/// <param name="Reason">Why a certificate is revoked.</param>
/// <param name="Days">How long a client's certificate lives.</param>
internal sealed record CertificateOrder(string? Name, string? Reason = null, int? Days = null);
