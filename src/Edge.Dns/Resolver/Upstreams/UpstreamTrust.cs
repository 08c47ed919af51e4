using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>Whose certificates are believed: those that the system trusts, and the roots given in settings.</summary>
/// <param name="pem">Further roots in PEM; null for none.</param>
/// <param name="time">The clock.</param>
internal sealed class UpstreamTrust(string? pem, TimeProvider time)
{
    private readonly X509Certificate2Collection _roots = Import(pem);

    /// <summary>Why a certificate is not that of the host, in words; null when it is.</summary>
    public string? Doubt(X509Certificate? certificate, string host, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 leaf)
        {
            return "it shows no certificate";
        }

        if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
        {
            return $"its certificate is not for {host} but for {NamesOf(leaf)}";
        }

        // Before the chain is looked at, since a chain says the same less clearly.
        if (leaf.NotAfter.ToUniversalTime() < time.GetUtcNow().UtcDateTime)
        {
            return $"its certificate expired at {leaf.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC";
        }

        return errors == SslPolicyErrors.None || IsRooted(leaf, chain) ? null : $"its certificate is not trusted: {Reasons(chain)}";
    }

    private bool IsRooted(X509Certificate2 leaf, X509Chain? sent)
    {
        if (_roots.Count == 0)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (sent is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        }

        return chain.Build(leaf);
    }

    private static X509Certificate2Collection Import(string? pem)
    {
        var roots = new X509Certificate2Collection();
        if (pem is not null)
        {
            roots.ImportFromPem(pem);
        }

        return roots;
    }

    private static string Reasons(X509Chain? chain) => chain?.ChainStatus is { Length: > 0 } status
        ? string.Join(", ", status.Select(one => one.StatusInformation.TrimEnd('.', ' ', '\n')).Distinct())
        : "there is no chain of certificates to a root";

    // Whoever answers may have put anything there, and as much of it as it liked.
    private static string NamesOf(X509Certificate2 leaf)
    {
        const int Shown = 4;
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())))
            .Take(Shown + 1)
            .Select(name => string.Concat(name.Select(c => char.IsControl(c) ? '?' : c)))
            .ToList();
        return names.Count == 0 ? "no name" : string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? " and others" : "");
    }
}
