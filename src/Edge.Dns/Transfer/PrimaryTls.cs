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
    /// <summary>Whether a certificate is the primary's.</summary>
    internal bool Accepts(X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 leaf)
        {
            return false;
        }

        if (Pin is not null)
        {
            var pin = SHA256.HashData(leaf.PublicKey.ExportSubjectPublicKeyInfo());
            return CryptographicOperations.FixedTimeEquals(pin, Convert.FromBase64String(Pin));
        }

        if (Root is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
        {
            return errors == SslPolicyErrors.None;
        }

        using var root = X509Certificate2.CreateFromPem(Root);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(leaf);
    }
}
