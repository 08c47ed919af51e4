using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Access.ClientCertificates;

/// <summary>What a CA says of the certificates it has taken back (RFC 5280 §5), once it is known that it was the CA who says so.</summary>
/// <param name="Issuer">The CA.</param>
/// <param name="Revoked">When each was, by its serial number in hexadecimal.</param>
/// <param name="Due">When the CA wanted to have said more; null when it did not say.</param>
internal sealed record RevocationList(X509Certificate2 Issuer, FrozenDictionary<string, DateTimeOffset> Revoked, DateTimeOffset? Due)
{
    /// <summary>When a certificate that a CA has issued was taken back; null when it was not.</summary>
    public DateTimeOffset? When(X509Certificate2 certificate, X509Certificate2 issuer) =>
        issuer.RawDataMemory.Span.SequenceEqual(Issuer.RawDataMemory.Span) && Revoked.TryGetValue(Convert.ToHexString(certificate.SerialNumberBytes.Span), out var when) ? when : null;
}
