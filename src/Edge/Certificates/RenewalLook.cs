namespace Edge.Certificates;

/// <summary>A certificate about whose renewal its CA is to be asked (RFC 9773).</summary>
/// <param name="Id">Which one.</param>
/// <param name="Certificate">As it serves.</param>
/// <param name="DueAt">When.</param>
internal sealed record RenewalLook(CertificateId Id, ServedCertificate Certificate, DateTimeOffset DueAt);
