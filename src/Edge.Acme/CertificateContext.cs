using System.Collections.ObjectModel;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Acme;

/// <summary>
/// What handshakes show: the leaf and exactly the chain its CA gave. The framework's own way builds a chain anew, for which it
/// reads every root of the machine, and leaves out a cross-signed certificate where the machine knows the root behind
/// it, though a client may not. See docs/decisions/0031-start-and-memory.md.
/// </summary>
internal static class CertificateContext
{
    /// <param name="leaf">With its key.</param>
    /// <param name="chain">What lies between it and the root. The root itself is not sent.</param>
    public static SslStreamCertificateContext Of(X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        try
        {
            var context = Create(leaf, Ordered(leaf, chain).AsReadOnly(), null);
            SetNoOcspFetch(context, true);
            return context;
        }
        catch (MissingMethodException)
        {
            // A framework that is made otherwise. Offline: a handshake or a start must not wait for a download of intermediates.
            return SslStreamCertificateContext.Create(leaf, chain, offline: true);
        }
    }

    // Each certifies the one before it (RFC 8446 section 4.4.2), in whatever order they lie in the file.
    private static List<X509Certificate2> Ordered(X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        var (left, ordered) = (chain.Where(certificate => !IsRoot(certificate)).ToList(), new List<X509Certificate2>());
        for (var last = leaf; left.Find(certificate => certificate.SubjectName.RawData.AsSpan().SequenceEqual(last.IssuerName.RawData)) is { } next; last = next)
        {
            left.Remove(next);
            ordered.Add(next);
        }

        return ordered;
    }

    private static bool IsRoot(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern SslStreamCertificateContext Create(X509Certificate2 target, ReadOnlyCollection<X509Certificate2> intermediates, SslCertificateTrust? trust);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SetNoOcspFetch")]
    private static extern void SetNoOcspFetch(SslStreamCertificateContext context, bool noOcspFetch);
}
