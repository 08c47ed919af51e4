using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Acme;

/// <summary>The HTTP client for a CA: the system's roots, and one more file of roots where the settings name it.</summary>
internal sealed class AcmeHttp : IDisposable
{
    private volatile X509Certificate2Collection _roots;

    /// <param name="trustedRoots">More roots in PEM; null for none.</param>
    public AcmeHttp(string? trustedRoots)
    {
        _roots = Read(trustedRoots);
        var handler = new SocketsHttpHandler
        {
            // A signed request names its URL (RFC 8555 §6.4): followed elsewhere it would be refused.
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => IsTrusted(certificate, chain, errors, _roots);
        Client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30) };
    }

    public HttpClient Client { get; }

    /// <summary>Takes other roots: for connections that are opened from now on.</summary>
    public void Use(string? trustedRoots) => _roots = Read(trustedRoots);

    public void Dispose() => Client.Dispose();

    private static X509Certificate2Collection Read(string? pem)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(pem);
        return roots;
    }

    private static bool IsTrusted(X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors, X509Certificate2Collection roots)
    {
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 leaf || roots.Count == 0)
        {
            return errors == SslPolicyErrors.None;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1"));
        foreach (var element in presented?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(leaf);
    }
}
