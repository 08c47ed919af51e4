using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Tests.Access;

/// <summary>A CA, one that is another, and the certificates of clients, good and bad.</summary>
internal sealed class ClientCertificateLab : IDisposable
{
    private const string ForClients = "1.3.6.1.5.5.7.3.2";
    private const string ForServers = "1.3.6.1.5.5.7.3.1";

    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly X509Certificate2 _authority = Authority("CN=authority", null);
    private readonly X509Certificate2 _other = Authority("CN=other", null);
    private readonly X509Certificate2 _namesake = Authority("CN=authority", null);
    private readonly X509Certificate2 _mute = Authority("CN=mute", null, X509KeyUsageFlags.None);
    private readonly X509Certificate2 _intermediate;
    private readonly Dictionary<string, X509Certificate2> _leaves;

    public ClientCertificateLab()
    {
        _intermediate = Authority("CN=intermediate", _authority);
        _leaves = new()
        {
            ["good"] = Leaf("CN=anna", _authority),
            ["under an intermediate"] = Leaf("CN=ben", _intermediate),
            ["for any purpose"] = Leaf("CN=carol", _authority, purpose: null),
            ["another CA"] = Leaf("CN=anna", _other),
            ["another CA of the same name"] = Leaf("CN=anna", _namesake),
            ["self-signed"] = Leaf("CN=anna", null),
            ["expired"] = Leaf("CN=anna", _authority, -20, -1),
            ["of tomorrow"] = Leaf("CN=anna", _authority, 1, 20),
            ["for servers"] = Leaf("CN=anna", _authority, purpose: ForServers),
        };
    }

    public string AuthorityPem => _authority.ExportCertificatePem() + "\n";

    public string OtherAuthorityPem => _other.ExportCertificatePem() + "\n";

    public string IntermediatePem => _intermediate.ExportCertificatePem() + "\n";

    /// <summary>A CA with its key: "authority", "other", "namesake", "mute" (which may sign no lists) or "intermediate".</summary>
    public X509Certificate2 AuthorityOf(string which) => which switch { "authority" => _authority, "other" => _other, "namesake" => _namesake, "mute" => _mute, _ => _intermediate };

    /// <summary>Another certificate of the intermediate's: the same name and key.</summary>
    public X509Certificate2 RenewedIntermediate()
    {
        var request = new CertificateRequest(_intermediate.SubjectName, _intermediate.PublicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.Create(_authority.SubjectName, X509SignatureGenerator.CreateForECDsa(_authority.GetECDsaPrivateKey()!), Now.AddDays(-1), Now.AddDays(29), RandomNumberGenerator.GetBytes(8));
    }

    /// <summary>A list of what a CA has revoked, in PEM.</summary>
    public string ListPem(string authority, DateTimeOffset due, params X509Certificate2[] revoked)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var certificate in revoked)
        {
            list.AddEntry(certificate, Now.AddDays(-1), X509RevocationReason.KeyCompromise);
        }

        var issuer = AuthorityOf(authority);
        var keyId = new X509SubjectKeyIdentifierExtension(issuer.PublicKey, false);
        // The library itself does not sign with a CA that may not.
        return PemEncoding.WriteString("X509 CRL", list.Build(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer.GetECDsaPrivateKey()!), 1, due, HashAlgorithmName.SHA256, X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(keyId), Now.AddDays(-20))) + "\n";
    }

    /// <summary>A certificate with its key; null for "none".</summary>
    public X509Certificate2? Of(string which) => _leaves.GetValueOrDefault(which);

    /// <summary>What a client shows: the certificate, and the CA between it and the root.</summary>
    public SslStreamCertificateContext? ContextOf(string which) =>
        Of(which) is { } leaf ? SslStreamCertificateContext.Create(leaf, which == "under an intermediate" ? [_intermediate] : null, offline: true) : null;

    /// <summary>The same as openssl's options.</summary>
    public string[] FilesOf(string which, string folder)
    {
        var (certificate, key) = (Path.Combine(folder, "client.crt"), Path.Combine(folder, "client.key"));
        File.WriteAllText(certificate, Of(which)!.ExportCertificatePem());
        File.WriteAllText(key, Of(which)!.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return ["-cert", certificate, "-key", key];
    }

    public void Dispose()
    {
        foreach (var certificate in _leaves.Values.Concat([_authority, _other, _namesake, _mute, _intermediate]))
        {
            certificate.Dispose();
        }
    }

    private static X509Certificate2 Authority(string name, X509Certificate2? issuer, X509KeyUsageFlags usages = X509KeyUsageFlags.CrlSign)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | usages, true));
        return Signed(request, key, issuer, Now.AddDays(-30), Now.AddDays(30));
    }

    private static X509Certificate2 Leaf(string name, X509Certificate2? issuer, int from = -10, int to = 10, string? purpose = ForClients)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        if (purpose is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        }

        return Signed(request, key, issuer, Now.AddDays(from), Now.AddDays(to));
    }

    private static X509Certificate2 Signed(CertificateRequest request, ECDsa key, X509Certificate2? issuer, DateTimeOffset from, DateTimeOffset to)
    {
        if (issuer is null)
        {
            return request.CreateSelfSigned(from, to);
        }

        using var signed = request.Create(issuer, from, to, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}
