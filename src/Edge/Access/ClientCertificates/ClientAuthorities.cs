using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Access.ClientCertificates;

/// <summary>The CAs whose certificates let clients in: the content of the files at one moment. Public roots count for nothing here.</summary>
/// <param name="Roots">Where chains may end: certificates that signed themselves.</param>
/// <param name="Intermediates">CAs below them that the file has as well, so that clients need not send them.</param>
internal sealed record ClientAuthorities(ImmutableArray<X509Certificate2> Roots, ImmutableArray<X509Certificate2> Intermediates)
{
    /// <summary>What they have taken back.</summary>
    public ImmutableArray<RevocationList> Lists { get; init; } = [];

    /// <summary>When a certificate that one of them has issued was taken back; null when it was not.</summary>
    public DateTimeOffset? Revoked(X509Certificate2 certificate, X509Certificate2 issuer)
    {
        foreach (var list in Lists)
        {
            if (list.When(certificate, issuer) is { } when)
            {
                return when;
            }
        }

        return null;
    }
}
