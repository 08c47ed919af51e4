using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Dns.Tests.Resolver.Upstreams;

/// <summary>A CA of the test's own, and servers' certificates from it.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _root;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test root", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-1), DateTimeOffset.UtcNow.AddYears(1));
    }

    public string Pem => _root.ExportCertificatePem();

    public X509Certificate2 Issue(string name, double daysLeft = 30)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(name);
        }

        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(_root, DateTimeOffset.UtcNow.AddDays(-60), DateTimeOffset.UtcNow.AddDays(daysLeft), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    public SslServerAuthenticationOptions Server(string name, double daysLeft = 30) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(Exportable(Issue(name, daysLeft)), null, offline: true),
        ApplicationProtocols = [new SslApplicationProtocol("dot")],
    };

    public void Dispose() => _root.Dispose();

    private static X509Certificate2 Exportable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
}
