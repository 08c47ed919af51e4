using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Tests.Certificates.Acme;

/// <summary>A root, an intermediate, and leaves with the names of the request.</summary>
internal sealed class FakeIssuer
{
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _intermediate;
    private readonly X509Certificate2 _other;

    public FakeIssuer()
    {
        var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (from, to) = (DateTimeOffset.UtcNow.AddYears(-20), DateTimeOffset.UtcNow.AddYears(40));
        _root = Authority("CN=Fake Root", rootKey).CreateSelfSigned(from, to);
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _intermediate = Authority("CN=Fake Intermediate", key).Create(_root, from, to, [1, 2, 3]).CopyWithPrivateKey(key);
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var otherRoot = Authority("CN=Other Root", otherKey).CreateSelfSigned(from, to);
        _other = Authority("CN=Fake Intermediate", key).Create(otherRoot, from, to, [4, 5, 6]);
    }

    public string RootPem => _root.ExportCertificatePem();

    /// <summary>The chain of a leaf to another root, which signed the same intermediate.</summary>
    public string Alternate(string chain) => chain[..chain.IndexOf("-----BEGIN", 10, StringComparison.Ordinal)] + _other.ExportCertificatePem() + "\n";

    /// <summary>Leaf and intermediate in PEM.</summary>
    public string Issue(CertificateRequest asked, DateTimeOffset now, TimeSpan lifetime)
    {
        var request = new CertificateRequest(new X500DistinguishedName(""), asked.PublicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(asked.CertificateExtensions.OfType<X509SubjectAlternativeNameExtension>().Single());
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_intermediate, true, false));
        using var leaf = request.Create(_intermediate.SubjectName, X509SignatureGenerator.CreateForECDsa(_intermediate.GetECDsaPrivateKey()!), now, now + lifetime, RandomNumberGenerator.GetBytes(8));
        return leaf.ExportCertificatePem() + "\n" + _intermediate.ExportCertificatePem() + "\n";
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }
}
