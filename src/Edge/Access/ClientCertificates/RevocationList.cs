using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Access.ClientCertificates;

/// <summary>What a CA says of the certificates it has taken back (RFC 5280 §5), once it is known that it was the CA who says so.</summary>
/// <param name="Issuer">The CA.</param>
/// <param name="Revoked">When each was, by its serial number in hexadecimal.</param>
/// <param name="Due">When the CA wanted to have said more; null when it did not say.</param>
internal sealed record RevocationList(X509Certificate2 Issuer, FrozenDictionary<string, DateTimeOffset> Revoked, DateTimeOffset? Due)
{
    private readonly byte[] _key = Issuer.PublicKey.ExportSubjectPublicKeyInfo();

    /// <summary>When a certificate that a CA has issued was taken back; null when it was not.</summary>
    public DateTimeOffset? When(X509Certificate2 certificate, X509Certificate2 issuer) =>
        IsIssuer(issuer) && Revoked.TryGetValue(Convert.ToHexString(certificate.SerialNumberBytes.Span), out var when) ? when : null;

    // By name and key (RFC 5280 §6.3.3 (f)): a client may show another certificate of the same CA than the one in the file.
    private bool IsIssuer(X509Certificate2 issuer) =>
        issuer.SubjectName.RawData.AsSpan().SequenceEqual(Issuer.SubjectName.RawData) && issuer.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(_key);
}
