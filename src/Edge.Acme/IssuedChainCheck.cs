using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Acme;

/// <summary>Looks at a certificate before it replaces one that works.</summary>
internal static class IssuedChainCheck
{
    /// <exception cref="IssuanceException">It is not the certificate that was ordered.</exception>
    public static void Demand(string chainPem, ECDsa key, IEnumerable<string> names, DateTimeOffset now)
    {
        using var leaf = Leaf(chainPem);
        using var theirs = leaf.GetECDsaPublicKey();
        if (theirs is null || !theirs.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo()))
        {
            throw new IssuanceException("the CA gave a certificate for another key");
        }

        var covered = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString()))).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var missing = names.Where(name => !covered.Contains(AcmeIdentifier.Of(name).Value)).ToArray();
        if (missing.Length > 0)
        {
            throw new IssuanceException($"the CA gave a certificate without {string.Join(", ", missing)}");
        }

        // CAs backdate by an hour; a certificate from the future or the past says that a clock is wrong, most likely ours.
        if (leaf.NotAfter.ToUniversalTime() <= now || leaf.NotBefore.ToUniversalTime() > now.AddDays(1))
        {
            throw new IssuanceException($"the CA gave a certificate valid from {leaf.NotBefore.ToUniversalTime():u} to {leaf.NotAfter.ToUniversalTime():u}, and this machine's clock says {now:u}; check the clock");
        }
    }

    private static X509Certificate2 Leaf(string chainPem)
    {
        try
        {
            return X509Certificate2.CreateFromPem(chainPem);
        }
        catch (CryptographicException wrong)
        {
            throw new IssuanceException($"the CA gave a chain that is not PEM: {wrong.Message}");
        }
    }
}
