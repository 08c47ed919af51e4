using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Dns.Tests.Listeners;

/// <summary>A certificate that nobody trusts, for ns.example.com.</summary>
internal static class TestCertificate
{
    public static readonly SslStreamCertificateContext Context = Create();

    private static SslStreamCertificateContext Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("ns.example.com");
        var request = new CertificateRequest("CN=ns.example.com", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        return SslStreamCertificateContext.Create(request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1)), null, offline: true);
    }
}
