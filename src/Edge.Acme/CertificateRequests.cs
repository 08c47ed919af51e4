using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Acme;

/// <summary>
/// Certificate requests with all names in the SAN. The first DNS name is the common name as well, which nobody should read
/// (RFC 9525 §6.3), but GnuTLS takes no certificate without a subject.
/// </summary>
internal static class CertificateRequests
{
    // RFC 5280, ub-common-name.
    private const int LongestCommonName = 64;

    // A sequence of nothing.
    private const int EmptySubject = 2;

    /// <param name="key">The certificate's own key, never an account's.</param>
    /// <param name="names">DNS names and addresses.</param>
    /// <param name="isCertificate">Whether it becomes a certificate as it is: one without a subject has a critical SAN (RFC 5280 §4.2.1.6).</param>
    /// <param name="commonName">Whether the subject repeats a name; a CA makes up its own mind about that, and some refuse it.</param>
    public static CertificateRequest ForServer(ECDsa key, IReadOnlyCollection<string> names, bool isCertificate, bool commonName = true)
    {
        return ForNames(names, isCertificate, commonName, subject => new CertificateRequest(subject, key, HashAlgorithmName.SHA256));
    }

    /// <summary>A certificate for a key whose private half is somebody else's.</summary>
    public static CertificateRequest ForServer(PublicKey key, IReadOnlyCollection<string> names) =>
        ForNames(names, isCertificate: true, commonName: true, subject => new CertificateRequest(subject, key, HashAlgorithmName.SHA256));

    private static CertificateRequest ForNames(IReadOnlyCollection<string> names, bool isCertificate, bool commonName, Func<X500DistinguishedName, CertificateRequest> make)
    {
        var subject = commonName ? Subject(names) : new X500DistinguishedNameBuilder().Build();
        var alternative = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternative.AddIpAddress(address);
            }
            else
            {
                alternative.AddDnsName(name);
            }
        }

        var request = make(subject);
        request.CertificateExtensions.Add(alternative.Build(isCertificate && subject.RawData.Length == EmptySubject));
        return request;
    }

    private static X500DistinguishedName Subject(IEnumerable<string> names)
    {
        var subject = new X500DistinguishedNameBuilder();
        if (names.FirstOrDefault(name => !IPAddress.TryParse(name, out _)) is { Length: <= LongestCommonName } first)
        {
            subject.AddCommonName(first);
        }

        return subject.Build();
    }
}
