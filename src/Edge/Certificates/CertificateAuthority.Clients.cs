using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Acme;

namespace Edge.Certificates;

/// <summary>Certificates for clients, and the list of those that were taken back.</summary>
internal sealed partial class CertificateAuthority
{
    private const string ForClients = "1.3.6.1.5.5.7.3.2";

    /// <summary>A certificate with its key for somebody who shows it to services: it is no server's.</summary>
    /// <param name="name">Who: the common name.</param>
    /// <param name="life">How long it lives from now; no longer than the root.</param>
    /// <exception cref="IssuanceException">The root has ended.</exception>
    public IssuedCertificate IssueForClient(string name, TimeSpan life)
    {
        DemandRoot();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ForClients)], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_root, true, false));
        var now = _time.GetUtcNow();
        DateTimeOffset latest = _root.NotAfter.ToUniversalTime();
        lock (_gate)
        {
            using var leaf = request.Create(_root, now - Backdated, now + life < latest ? now + life : latest, Serial());
            return new IssuedCertificate(leaf.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
        }
    }

    /// <summary>The list of what was taken back (RFC 5280 §5), in PEM. It is made anew at each change, and so never due before the root's end.</summary>
    public string ListOf(IEnumerable<IssuedClient> revoked)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var client in revoked)
        {
            list.AddEntry(Convert.FromHexString(client.Serial), client.Revoked);
        }

        var now = _time.GetUtcNow();
        lock (_gate)
        {
            return PemEncoding.WriteString("X509 CRL", list.Build(_root, new BigInteger(now.ToUnixTimeSeconds()), _root.NotAfter.ToUniversalTime(), HashAlgorithmName.SHA256, thisUpdate: now - Backdated)) + "\n";
        }
    }
}
