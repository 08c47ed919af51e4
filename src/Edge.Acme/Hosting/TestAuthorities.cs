using System.Security.Cryptography.X509Certificates;

namespace Edge.Acme.Hosting;

/// <summary>Tells CAs whose certificates nobody trusts: what they gave is not shown in the place of another one's.</summary>
internal static class TestAuthorities
{
    private static readonly char[] Between = ['.', '-'];

    /// <summary>By the folder of a CA, such as "acme-staging-v02.api.letsencrypt.org-directory" or "dv.acme-v02.test-api.pki.goog-directory".</summary>
    public static bool IsTest(string issuer) => issuer.Split(Between).Any(part => part.StartsWith("test", StringComparison.OrdinalIgnoreCase) || part.StartsWith("staging", StringComparison.OrdinalIgnoreCase));

    /// <summary>By what Let's Encrypt writes into its own.</summary>
    public static bool IsOfTest(X509Certificate2 leaf) => leaf.Issuer.Contains("(STAGING)", StringComparison.OrdinalIgnoreCase) || leaf.Issuer.Contains("Fake LE", StringComparison.OrdinalIgnoreCase);
}
