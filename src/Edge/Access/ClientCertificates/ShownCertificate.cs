using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Access.ClientCertificates;

/// <summary>
/// The certificate that a client showed while it connected, if it did; every connection that was asked for one has this,
/// and no other. Whether it is good is judged at the requests: the CAs may change while a connection lasts, its time
/// may end, and a page tells more than an alert.
/// </summary>
internal sealed class ShownCertificate
{
    private X509Certificate2? _leaf;
    private X509Certificate2Collection _others = [];
    private Judged? _judged;

    private ShownCertificate(string serverName) => ServerName = serverName;

    /// <summary>The name in the ClientHello for which the certificate was asked for.</summary>
    public string ServerName { get; }

    /// <summary>The one of the connection of a request; null when it was not asked for any.</summary>
    public static ShownCertificate? Of(HttpContext context) => context.Features.Get<ShownCertificate>();

    /// <summary>Lets a handshake ask for the client's certificate.</summary>
    /// <param name="options">The handshake's options.</param>
    /// <param name="connection">The connection's features, which keep what is shown.</param>
    /// <param name="serverName">The name in the ClientHello.</param>
    public static void Ask(SslServerAuthenticationOptions options, IFeatureCollection connection, string serverName)
    {
        var shown = new ShownCertificate(serverName);
        connection.Set(shown);
        options.ClientCertificateRequired = true;
        options.RemoteCertificateValidationCallback = (_, certificate, chain, _) => shown.Take(certificate, chain);

        // A resumed session shows no certificate (RFC 8446 §2.2), so that there are none here.
        options.AllowTlsResume = false;
        options.CertificateChainPolicy = Policy([], []);
    }

    /// <summary>Judges the certificate by these CAs.</summary>
    /// <param name="authorities">The CAs.</param>
    /// <param name="now">The time.</param>
    /// <param name="isNew">Whether it was judged for this request, and not for one before.</param>
    public ClientVerdict VerdictBy(ClientAuthorities authorities, DateTimeOffset now, out bool isNew)
    {
        // Requests of one connection may both judge: they come to the same.
        var judged = _judged;
        isNew = judged is null || !ReferenceEquals(judged.By, authorities) || now >= judged.Verdict.Until;
        if (isNew)
        {
            _judged = judged = new Judged(authorities, Judge(authorities, now));
        }

        return judged!.Verdict;
    }

    /// <summary>What the service is told of the certificate: RFC 9440 §2.2, and the subject for those who want no more.</summary>
    public IEnumerable<KeyValuePair<string, string>> Headers() => _leaf is null ? [] :
    [
        new(IdentityHeaders.ClientCertificate, $":{Convert.ToBase64String(_leaf.RawDataMemory.Span)}:"),
        new(IdentityHeaders.ClientSubject, _leaf.Subject),
    ];

    private ClientVerdict Judge(ClientAuthorities authorities, DateTimeOffset now)
    {
        if (_leaf is null)
        {
            return new ClientVerdict("Your browser or program has shown none.", DateTimeOffset.MaxValue);
        }

        using var chain = new X509Chain();
        chain.ChainPolicy = Policy(authorities.Roots, [.. authorities.Intermediates, .. _others]);
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        var good = chain.Build(_leaf);
        var until = chain.ChainElements.Select(element => new DateTimeOffset(element.Certificate.NotAfter)).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        var verdict = good ? RevokedIn(chain, authorities) ?? new ClientVerdict(null, until) : new ClientVerdict(Words(chain, _leaf, now), DateTimeOffset.MaxValue);
        foreach (var element in chain.ChainElements)
        {
            element.Certificate.Dispose();
        }

        return verdict;
    }

    // Each by the one above it: a CA that was taken back takes its certificates with it.
    private static ClientVerdict? RevokedIn(X509Chain chain, ClientAuthorities authorities)
    {
        for (var i = 0; i + 1 < chain.ChainElements.Count && !authorities.Lists.IsEmpty; i++)
        {
            var certificate = chain.ChainElements[i].Certificate;
            if (authorities.Revoked(certificate, chain.ChainElements[i + 1].Certificate) is { } when)
            {
                return new ClientVerdict($"{(i == 0 ? "The one that was shown" : "The CA of the one that was shown")} was revoked on {when:yyyy-MM-dd}.", DateTimeOffset.MaxValue)
                {
                    Revoked = $"{certificate.Subject} (serial {certificate.SerialNumber}), revoked on {when:yyyy-MM-dd} by {certificate.Issuer}",
                };
            }
        }

        return null;
    }

    private static string Words(X509Chain chain, X509Certificate2 leaf, DateTimeOffset now)
    {
        var found = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, status) => all | status.Status);
        return (found & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid)) != 0 ? "The one that was shown comes from another CA than this service's."
            : now > leaf.NotAfter ? $"The one that was shown has expired on {leaf.NotAfter.ToUniversalTime():yyyy-MM-dd}."
            : now < leaf.NotBefore ? "The time of the one that was shown has not begun."
            : found.HasFlag(X509ChainStatusFlags.NotValidForUsage) ? "The one that was shown is not for clients (its extended key usage lacks clientAuth)."
            : "The one that was shown, or the CA it comes from, is not valid.";
    }

    // No download of what is missing, also not of lists of revoked ones, and no root but these.
    private static X509ChainPolicy Policy(IEnumerable<X509Certificate2> roots, X509Certificate2Collection others)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.AddRange(roots.ToArray());
        policy.ExtraStore.AddRange(others);
        return policy;
    }

    // The connection owns what it hands over, and ends it when it ends.
    private bool Take(X509Certificate? certificate, X509Chain? chain)
    {
        if (certificate is X509Certificate2 leaf)
        {
            _leaf = X509CertificateLoader.LoadCertificate(leaf.RawDataMemory.Span);
            _others = [.. chain?.ChainPolicy.ExtraStore.Select(other => X509CertificateLoader.LoadCertificate(other.RawDataMemory.Span)) ?? []];
        }

        return true;
    }

    private sealed record Judged(ClientAuthorities By, ClientVerdict Verdict);
}
