using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Acme;

/// <summary>Looks at a certificate before it replaces one that works.</summary>
internal static class IssuedChainCheck
{
    /// <param name="chainPem">What the CA gave.</param>
    /// <param name="key">The key it should be for.</param>
    /// <param name="names">The names it should be for.</param>
    /// <param name="isNew">Whether it was made just now, and not left by an earlier attempt.</param>
    /// <param name="now">The moment.</param>
    /// <exception cref="IssuanceException">It is not the certificate that was ordered.</exception>
    public static void Demand(string chainPem, ECDsa key, IEnumerable<string> names, bool isNew, DateTimeOffset now)
    {
        if (!chainPem.Contains("-----BEGIN CERTIFICATE", StringComparison.Ordinal))
        {
            // A page that stands in front of the CA for a while; the certificate is behind it.
            throw new IssuanceException("the CA gave no certificate in PEM") { Passes = true, IsAstray = true };
        }

        using var leaf = Leaf(chainPem, isNew);
        using var theirs = leaf.GetECDsaPublicKey();
        if (theirs is null || !theirs.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo()))
        {
            throw new IssuanceException("the CA gave a certificate for another key") { Issued = true };
        }

        var covered = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString()))).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var missing = names.Where(name => !covered.Contains(AcmeIdentifier.Of(name).Value)).ToArray();
        if (missing.Length > 0)
        {
            throw new IssuanceException($"the CA gave a certificate without {string.Join(", ", missing)}") { Issued = true };
        }

        // CAs backdate by an hour; a certificate from the future or the past says that a clock is wrong, most likely ours.
        // With the right time it is good: a new order for each attempt would use up the CA's limit. One that an earlier attempt
        // left behind may really be over: its order has nothing better to give.
        var isOver = leaf.NotAfter.ToUniversalTime() <= now;
        if (isOver || leaf.NotBefore.ToUniversalTime() > now.AddDays(1))
        {
            throw new IssuanceException($"the CA gave a certificate valid from {leaf.NotBefore.ToUniversalTime():u} to {leaf.NotAfter.ToUniversalTime():u}, and this machine's clock says {now:u}; check the clock") { Issued = true, Passes = isNew || !isOver };
        }
    }

    private static X509Certificate2 Leaf(string chainPem, bool isNew)
    {
        try
        {
            return X509Certificate2.CreateFromPem(chainPem);
        }
        catch (CryptographicException wrong)
        {
            throw new IssuanceException($"the CA gave a chain that is not PEM: {wrong.Message}") { Issued = !isNew, Passes = isNew };
        }
    }
}
