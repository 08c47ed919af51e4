using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Acme;

/// <summary>
/// tls-alpn-01 (RFC 8737; RFC 8738 §6 for addresses): certificates that only a handshake sees that offers
/// <c>acme-tls/1</c> and nothing else; a visitor never does.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class TlsChallenges(TimeProvider time) : IChallengeSolver
{
    /// <summary>The protocol of these handshakes (RFC 8737 §6.2).</summary>
    public static readonly SslApplicationProtocol Protocol = new("acme-tls/1");

    // id-pe-acmeIdentifier, RFC 8737 §6.1.
    private const string Extension = "1.3.6.1.5.5.7.1.31";

    private readonly ConcurrentDictionary<string, SslStreamCertificateContext> _certificates = new(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public string Type => ChallengeType.TlsAlpn01;

    /// <summary>Whether no challenge runs: then no handshake is looked at.</summary>
    public bool IsIdle => _certificates.IsEmpty;

    /// <summary>Wildcards cannot be proven in this way.</summary>
    public bool CanSolve(ChallengeAnswer answer) => !answer.Wildcard && answer.Token.Length > 0;

    /// <inheritdoc/>
    public ValueTask<IAsyncDisposable> PresentAsync(IReadOnlyList<ChallengeAnswer> answers, CancellationToken cancel)
    {
        foreach (var answer in answers)
        {
            _certificates[ServerName(answer.Identifier)] = Certificate(answer);
        }

        return ValueTask.FromResult<IAsyncDisposable>(new Withdrawal(() =>
        {
            foreach (var answer in answers)
            {
                _certificates.TryRemove(ServerName(answer.Identifier), out _);
            }
        }));
    }

    /// <summary>The way from the CA to port 443 is for the CA to find out.</summary>
    public ValueTask<string?> WhyNotReadyAsync(ChallengeAnswer answer, CancellationToken cancel) =>
        ValueTask.FromResult(_certificates.ContainsKey(ServerName(answer.Identifier)) ? null : "it was not presented");

    /// <summary>The certificate for a handshake of the challenge's protocol; null when no challenge runs for the name.</summary>
    public SslStreamCertificateContext? Find(string serverName) => _certificates.GetValueOrDefault(serverName);

    /// <summary>What the CA writes into SNI: the name, or for an address its name in the reverse tree (RFC 8738 §6).</summary>
    internal static string ServerName(AcmeIdentifier identifier)
    {
        if (!identifier.IsAddress)
        {
            return identifier.Value;
        }

        var bytes = IPAddress.Parse(identifier.Value).GetAddressBytes();
        return bytes.Length == 4
            ? string.Join('.', bytes.Reverse()) + ".in-addr.arpa"
            : string.Join('.', Convert.ToHexStringLower(bytes).Reverse()) + ".ip6.arpa";
    }

    // RFC 8737 §3: self-signed, exactly one name, and the digest in a critical extension.
    private SslStreamCertificateContext Certificate(ChallengeAnswer answer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = CertificateRequests.ForServer(key, [answer.Identifier.Value], isCertificate: true);
        request.CertificateExtensions.Add(new X509Extension(Extension, [0x04, 0x20, .. answer.Digest()], critical: true));
        var now = time.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));

        // Through PKCS #12, so that the key is one that every platform's TLS takes.
        var usable = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        return CertificateContext.Of(usable, []);
    }
}
