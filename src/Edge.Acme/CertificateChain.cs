using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Acme;

/// <summary>A chain as the CA gives it.</summary>
/// <param name="Pem">Leaf first.</param>
/// <param name="Alternates">Where other chains for the same leaf are.</param>
internal sealed record CertificateChain(string Pem, ImmutableArray<Uri> Alternates)
{
    /// <summary>Whether it leads to the root of that common name: the issuer of its last certificate.</summary>
    public bool LeadsTo(string root)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(Pem);
        return chain.Count > 0 && chain[^1].GetNameInfo(X509NameType.SimpleName, forIssuer: true).Equals(root, StringComparison.OrdinalIgnoreCase);
    }
}
