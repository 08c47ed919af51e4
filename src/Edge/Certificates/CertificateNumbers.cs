using System.Collections.Immutable;

namespace Edge.Certificates;

/// <summary>The certificates of a moment as numbers, for who draws curves of them.</summary>
/// <param name="Issued">Certificates obtained from public CAs since the start.</param>
/// <param name="Failed">Attempts that failed since the start.</param>
/// <param name="RenewalLooks">How often CAs were asked when they want a certificate renewed.</param>
/// <param name="Revoked">Certificates revoked by command.</param>
/// <param name="Certificates">Each certificate that is wanted: its first name, its issuer, its end (null while there is none), its failures in a row.</param>
internal sealed record CertificateNumbers(
    long Issued, long Failed, long RenewalLooks, long Revoked, ImmutableArray<(string Name, string Issuer, DateTimeOffset? NotAfter, int Failures)> Certificates)
{
    public static CertificateNumbers Of(CertificateManager manager)
    {
        var (issued, failed, looks, revoked) = manager.Counters.Current;
        return new CertificateNumbers(issued, failed, looks, revoked, [.. manager.Status().Select(status => (status.Names[0], status.Issuer, status.NotAfter, status.Attempts))]);
    }
}
