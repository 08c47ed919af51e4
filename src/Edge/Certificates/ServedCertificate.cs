using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Acme;

namespace Edge.Certificates;

/// <summary>A certificate ready for handshakes: its chain is built once, here, and never again. Immutable.</summary>
internal sealed class ServedCertificate
{
    private readonly X509Certificate2Collection _chain;
    private Task<bool>? _trust;

    private ServedCertificate(CertificateId id, string path, X509Certificate2 leaf, X509Certificate2Collection chain, DateTimeOffset? obtained)
    {
        Id = id;
        Path = path;
        Leaf = leaf;
        _chain = chain;
        NotBefore = new DateTimeOffset(leaf.NotBefore.ToUniversalTime(), TimeSpan.Zero);

        // notAfter is the last second in which it is valid (RFC 5280 §4.1.2.5).
        NotAfter = new DateTimeOffset(leaf.NotAfter.ToUniversalTime(), TimeSpan.Zero).AddSeconds(1);
        Names = SubjectNames(leaf);
        Obtained = obtained > NotBefore ? obtained.Value : NotBefore;

        Context = CertificateContext.Of(leaf, chain);
    }

    public CertificateId Id { get; }

    /// <summary>The file its chain lies in.</summary>
    public string Path { get; }

    /// <summary>"internal", or the CA.</summary>
    public string Issuer => Id.Issuer;

    public X509Certificate2 Leaf { get; }

    /// <summary>The leaf with its chain, for <see cref="SslServerAuthenticationOptions.ServerCertificateContext"/>.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>Its DNS names in lower case and its addresses.</summary>
    public ImmutableArray<string> Names { get; }

    public DateTimeOffset NotBefore { get; }

    /// <summary>When we got it, as far as that is known: CAs backdate theirs by more or less, so that their beginnings say little. A pair that somebody laid there later than that is as old as it says.</summary>
    public DateTimeOffset Obtained { get; }

    /// <summary>The first moment at which it is no longer valid.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>Whether its chain ends in a root that this machine trusts as it came. Looked at when somebody asks; until it is known, no.</summary>
    public bool IsTrusted => (_trust ??= Task.Run(LeadsToTrustedRoot)) is { IsCompletedSuccessfully: true, Result: true };

    public DateTimeOffset RenewAt => RenewalTime.Of(NotBefore, NotAfter);

    /// <summary>Whether its time is over. One whose time has not begun counts as good: we hold it already, so the clock was set back.</summary>
    public bool HasExpired(DateTimeOffset now) => now >= NotAfter;

    /// <summary>Whether each of these names stands in it, wildcards as themselves.</summary>
    public bool Includes(IEnumerable<string> names) => names.All(name => Names.Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>Puts a chain and its key together.</summary>
    /// <param name="id">Which certificate.</param>
    /// <param name="path">The file its chain lies in.</param>
    /// <param name="issued">Chain and key.</param>
    /// <param name="obtained">When we got it; null where that is not known.</param>
    /// <exception cref="CryptographicException">They are not a chain and its key.</exception>
    public static ServedCertificate Create(CertificateId id, string path, IssuedCertificate issued, DateTimeOffset? obtained = null)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(issued.ChainPem);
            if (chain.Count == 0)
            {
                throw new CryptographicException("holds no certificate");
            }

            // Whatever its kind: the owner may have laid a pair of his own there.
            var leaf = X509Certificate2.CreateFromPem(issued.ChainPem, issued.KeyPem);
            chain.RemoveAt(0);
            return new ServedCertificate(id, path, leaf, chain, obtained);
        }
        catch (ArgumentException wrong)
        {
            throw new CryptographicException($"the key is not this certificate's, or not a key in PEM: {wrong.Message}", wrong);
        }
    }

    private bool LeadsToTrustedRoot()
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ExtraStore.AddRange(_chain);
        return chain.Build(Leaf);
    }

    private static ImmutableArray<string> SubjectNames(X509Certificate2 leaf) =>
        leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names
            ? [.. names.EnumerateDnsNames().Select(name => name.ToLowerInvariant()), .. names.EnumerateIPAddresses().Select(address => address.ToString())]
            : [];
}
