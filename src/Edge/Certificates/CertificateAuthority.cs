using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Acme;
using Edge.Dns.Files;
using Microsoft.Extensions.Logging;

namespace Edge.Certificates;

/// <summary>
/// Edge's own CA: certificates at once, without a network, for whoever installed its root. The root is made on the
/// first start and stays: <c>ca/root.crt</c> and <c>ca/root.key</c> in the data folder.
/// </summary>
internal sealed partial class CertificateAuthority : IDisposable
{
    /// <summary>What the name of every root of Edge begins with.</summary>
    public const string RootName = "CN=Edge CA of ";

    private static readonly TimeSpan RootLife = TimeSpan.FromDays(3652);
    private static readonly TimeSpan LeafLife = TimeSpan.FromDays(90);

    // Clients whose clocks are a little behind must not find it "not yet valid".
    private static readonly TimeSpan Backdated = TimeSpan.FromHours(1);

    // No root begins before this program did: a box without a clock of its own may start in 1970, and its root would
    // have ended when the time is set right.
    private static readonly DateTimeOffset Earliest = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly X509Certificate2 _root;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    private CertificateAuthority(X509Certificate2 root, string rootPem, TimeProvider time)
    {
        _root = root;
        RootPem = rootPem;
        _time = time;
    }

    /// <summary>The root in PEM, as <c>edge ca</c> prints it.</summary>
    public string RootPem { get; }

    /// <summary>The root's last moment: no certificate of it lasts longer.</summary>
    public DateTimeOffset NotAfter => new(_root.NotAfter.ToUniversalTime(), TimeSpan.Zero);

    /// <summary>The root's file in the data folder.</summary>
    public static string RootPath(string data) => Path.Combine(data, "ca", "root.crt");

    /// <summary>Reads the root, or makes it where there is none.</summary>
    /// <param name="data">Edge's data folder.</param>
    /// <param name="node">The name of this box, for people who look at the root.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told when a root is made.</param>
    /// <exception cref="IOException">The folder cannot be written, or one of the two files is missing.</exception>
    /// <exception cref="CryptographicException">A file is not what it should be. It is left as it is: people trust this root.</exception>
    public static CertificateAuthority Open(string data, string node, TimeProvider time, ILogger logger)
    {
        var path = RootPath(data);
        var keyPath = Path.ChangeExtension(path, ".key");

        if (!File.Exists(path))
        {
            if (File.Exists(keyPath))
            {
                Log.KeyWithoutRoot(logger, keyPath, path);
            }

            DurableFile.MakeFolder(Path.GetDirectoryName(path)!);
            var (rootPem, keyPem) = MakeRoot(node, time.GetUtcNow() is var now && now > Earliest ? now : Earliest, File.Exists(keyPath) ? File.ReadAllText(keyPath) : null);
            DurableFile.Write(keyPath, keyPem);
            DurableFile.Write(path, rootPem);
            Log.RootMade(logger, path);
        }

        var pem = File.ReadAllText(path);
        try
        {
            return new CertificateAuthority(X509Certificate2.CreateFromPem(pem, File.ReadAllText(keyPath)), pem, time);
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            throw new CryptographicException($"{path} and {keyPath} are not a CA certificate and its key: {wrong.Message}; put the right ones back, or move both away to start with a new root", wrong);
        }
    }

    /// <summary>A certificate for servers, 90 days from now.</summary>
    /// <param name="names">DNS names, wildcards allowed, and addresses; at least one.</param>
    public IssuedCertificate Issue(IReadOnlyCollection<string> names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = CertificateRequests.ForServer(key, names, isCertificate: true);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_root, true, false));
        var (from, to) = Validity();
        lock (_gate)
        {
            using var leaf = request.Create(_root, from, to, RandomNumberGenerator.GetBytes(16));
            return new IssuedCertificate(leaf.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
        }
    }

    /// <summary>A certificate for somebody else's key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="names">DNS names, wildcards allowed, and addresses; at least one.</param>
    /// <param name="life">How long it lives from now; no longer than the root.</param>
    /// <returns>The certificate in PEM.</returns>
    /// <exception cref="IssuanceException">The root has ended.</exception>
    public string Issue(PublicKey key, IReadOnlyCollection<string> names, TimeSpan life)
    {
        DemandRoot();
        var request = CertificateRequests.ForServer(key, names);
        var isRsa = key.Oid.Value == "1.2.840.113549.1.1.1";
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        // TLS 1.2 may send a secret encrypted with an RSA key (RFC 5246, section 7.4.7.1).
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | (isRsa ? X509KeyUsageFlags.KeyEncipherment : 0), true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_root, true, false));
        var from = _time.GetUtcNow() - Backdated;
        DateTimeOffset latest = _root.NotAfter.ToUniversalTime();
        var to = _time.GetUtcNow() + life;
        lock (_gate)
        {
            using var signer = _root.GetECDsaPrivateKey()!;
            using var leaf = request.Create(_root.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), from, to < latest ? to : latest, Serial());
            return leaf.ExportCertificatePem() + "\n";
        }
    }

    private void DemandRoot()
    {
        if (_time.GetUtcNow() >= NotAfter)
        {
            throw new IssuanceException($"the root of Edge's own CA ended at {NotAfter:u}; move ca/root.crt and ca/root.key of the data folder away and start Edge again: it makes another one");
        }
    }

    // Positive and without a leading zero, so that all ways of writing it agree.
    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        return serial;
    }

    /// <summary>Whether a certificate of our own says that it was made by this root, by the root's key and not its name. Of one that somebody else brings this proves nothing.</summary>
    public bool Issued(X509Certificate2 leaf) =>
        leaf.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier is { } issuer && KeyIdentifier.Span.SequenceEqual(issuer.Span);

    /// <summary>The serial number, in hexadecimal, of a certificate of this root that is named as in RFC 9773 §4.1; null where it is none of ours.</summary>
    public string? SerialOf(string? name) =>
        name?.Split('.') is [var issuer, var serial] && Base64Url.IsValid(issuer) && Base64Url.IsValid(serial)
        && KeyIdentifier.Span.SequenceEqual(Base64Url.DecodeFromChars(issuer)) ? Convert.ToHexString(Base64Url.DecodeFromChars(serial)) : null;

    public void Dispose() => _root.Dispose();

    private ReadOnlyMemory<byte> KeyIdentifier => _root.Extensions.OfType<X509SubjectKeyIdentifierExtension>().First().SubjectKeyIdentifierBytes;

    // Never outside the root's own time: with a clock that is years off the certificate is as wrong as the clock, but there.
    private (DateTimeOffset From, DateTimeOffset To) Validity()
    {
        DateTimeOffset earliest = _root.NotBefore.ToUniversalTime();
        DateTimeOffset latest = _root.NotAfter.ToUniversalTime();
        var now = _time.GetUtcNow();
        var from = now - Backdated;
        from = from < earliest ? earliest : from > latest - LeafLife ? latest - LeafLife : from;
        var to = now + LeafLife;
        return (from, to > latest ? latest : to < from + LeafLife ? from + LeafLife : to);
    }

    private static (string Root, string Key) MakeRoot(string node, DateTimeOffset now, string? keptKey)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (keptKey is not null)
        {
            key.ImportFromPem(keptKey);
        }

        var name = new X500DistinguishedNameBuilder();
        var common = $"Edge CA of {node} {now:yyyy-MM-dd}";
        name.AddCommonName(common.Length <= 64 ? common : common[..64]);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var root = request.CreateSelfSigned(now - Backdated, now + RootLife);
        return (root.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private static partial class Log
    {
        [LoggerMessage(4010, LogLevel.Information, "Edge's own CA was made: {Path}; devices that install it trust this box")]
        public static partial void RootMade(ILogger logger, string path);

        [LoggerMessage(4011, LogLevel.Warning, "{Key} is there but {Path} is not: the root is made anew with that key")]
        public static partial void KeyWithoutRoot(ILogger logger, string key, string path);
    }
}
