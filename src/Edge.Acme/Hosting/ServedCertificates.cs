using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Acme.Hosting;

/// <summary>What handshakes are answered with: contexts that are built once, and no wait for anything.</summary>
internal sealed class ServedCertificates(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, SslStreamCertificateContext> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lazy<SslStreamCertificateContext> _none = new(() => Placeholder(time));

    /// <summary>The certificate for a server name: its own, the wildcard one level up, any; at first one that nobody trusts.</summary>
    public SslStreamCertificateContext Select(string? name)
    {
        if (!string.IsNullOrEmpty(name))
        {
            if (_byName.TryGetValue(name, out var own))
            {
                return own;
            }

            // RFC 9525 §6.3: a wildcard stands for one label.
            if (name.IndexOf('.') is > 0 and var dot && _byName.TryGetValue("*" + name[dot..], out var wildcard))
            {
                return wildcard;
            }
        }

        return _byName.Values.FirstOrDefault() ?? _none.Value;
    }

    /// <summary>The next handshake shows this one.</summary>
    public void Publish(string name, SslStreamCertificateContext certificate) => _byName[name] = certificate;

    // So that a client is told that there is no certificate yet, and not that the connection broke.
    private static SslStreamCertificateContext Placeholder(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = CertificateRequests.ForServer(key, ["not-there-yet.invalid"], isCertificate: true).CreateSelfSigned(time.GetUtcNow().AddDays(-1), time.GetUtcNow().AddYears(1));
        return CertificateContext.Of(X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null), []);
    }
}
