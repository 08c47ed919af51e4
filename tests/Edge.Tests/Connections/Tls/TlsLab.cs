using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Tests.Connections.Tls;

/// <summary>Certificates with a chain of two CAs above them.</summary>
internal static class TlsLab
{
    private static readonly DateTimeOffset From = DateTimeOffset.UnixEpoch.AddYears(50);

    /// <summary>A leaf for *.example.com with its intermediate; the root is not shown.</summary>
    public static SslStreamCertificateContext Chain(string key, string name = "leaf")
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Authority("CN=root", rootKey).CreateSelfSigned(From, From.AddYears(40));
        using var bare = Authority("CN=intermediate", middleKey).Create(root, From, From.AddYears(30), [1, 2, 3]);
        using var middle = bare.CopyWithPrivateKey(middleKey);
        var leaf = key == "RSA" ? RsaLeaf(name, middle) : EcLeaf(name, middle);
        return Edge.Acme.CertificateContext.Of(leaf, [X509CertificateLoader.LoadCertificate(bare.RawData)]);
    }

    private static X509Certificate2 EcLeaf(string name, X509Certificate2 issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Named(new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)).Create(issuer, From, From.AddYears(20), Serial()).CopyWithPrivateKey(key);
    }

    private static X509Certificate2 RsaLeaf(string name, X509Certificate2 issuer)
    {
        using var key = RSA.Create(2048);
        var request = Named(new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        return request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer.GetECDsaPrivateKey()!), From, From.AddYears(20), Serial()).CopyWithPrivateKey(key);
    }

    private static byte[] Serial() => [1, .. RandomNumberGenerator.GetBytes(8)];

    private static CertificateRequest Named(CertificateRequest request)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("*.example.com");
        request.CertificateExtensions.Add(names.Build());
        return request;
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        return request;
    }
}
