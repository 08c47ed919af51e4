using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Acme;

/// <summary>A certificate as renewal information names it (RFC 9773 §4.1).</summary>
internal static class CertificateIdentity
{
    /// <summary>The authority's key identifier, a dot, and the serial number, each in base64url; null where the certificate has no key identifier.</summary>
    public static string? Of(X509Certificate2 leaf) =>
        leaf.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier is { Length: > 0 } issuer ? Of(issuer.Span, leaf.SerialNumberBytes.Span) : null;

    /// <param name="keyIdentifier">Of the authority.</param>
    /// <param name="serial">The content octets of the DER integer: with a leading zero where the number would look negative.</param>
    public static string Of(ReadOnlySpan<byte> keyIdentifier, ReadOnlySpan<byte> serial) => $"{Base64Url.EncodeToString(keyIdentifier)}.{Base64Url.EncodeToString(serial)}";
}
