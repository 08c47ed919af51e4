using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Net.Security;

namespace Edge.Dns.Transfer;

/// <summary>How a primary proves over TLS that it is the one meant (RFC 9103).</summary>
/// <param name="Name">The name in its certificate; null for its address.</param>
/// <param name="Pin">The SHA-256 of its public key (SubjectPublicKeyInfo) in base64, which is enough then; null for none.</param>
/// <param name="Root">The certificate, in PEM, that its chain must end at; null for those that the system trusts.</param>
public sealed record PrimaryTls(string? Name = null, string? Pin = null, string? Root = null)
{
    /// <summary>Why a certificate is not the primary's, in words; null when it is.</summary>
    /// <param name="certificate">What the server showed.</param>
    /// <param name="target">The name or address that it has to be for.</param>
    /// <param name="chain">The chain that the system built; null for none.</param>
    /// <param name="errors">What the system found.</param>
    internal string? Doubt(X509Certificate? certificate, string target, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 leaf)
        {
            return "it shows no certificate";
        }

        if (Pin is not null)
        {
            var pin = SHA256.HashData(leaf.PublicKey.ExportSubjectPublicKeyInfo());
            return CryptographicOperations.FixedTimeEquals(pin, Convert.FromBase64String(Pin))
                ? null
                : $"its public key has the pin {Convert.ToBase64String(pin)} and not {Pin}";
        }

        if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
        {
            return $"its certificate is not for {target} but for {NamesOf(leaf)}";
        }

        if (Root is not null)
        {
            return DoubtOfRoot(leaf, Root);
        }

        return errors == SslPolicyErrors.None ? null : $"its certificate is not trusted by this system: {Reasons(chain)}";
    }

    private static string? DoubtOfRoot(X509Certificate2 leaf, string pem)
    {
        using var root = X509Certificate2.CreateFromPem(pem);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(leaf) ? null : $"its certificate is not trusted by the root {root.Subject}: {Reasons(chain)}";
    }

    private static string Reasons(X509Chain? chain) => chain?.ChainStatus is { Length: > 0 } status
        ? string.Join(", ", status.Select(one => one.StatusInformation.TrimEnd('.', ' ', '\n')).Distinct())
        : "there is no chain of certificates to a root";

    // Whoever answers may have put anything there, and as much of it as it liked.
    private static string NamesOf(X509Certificate2 leaf)
    {
        const int Shown = 8;
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())))
            .Take(Shown + 1)
            .Select(name => string.Concat(name.Select(c => char.IsControl(c) ? '?' : c)))
            .ToList();
        return names.Count == 0 ? "no name" : string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? " and others" : "");
    }
}
