using System.Collections.Immutable;
using Edge.Acme;

namespace Edge.Certificates;

/// <summary>A certificate to obtain from a public CA.</summary>
/// <param name="Id">Which one, at the CA that is asked first.</param>
/// <param name="Names">The names to order.</param>
/// <param name="DueAt">When; in the past: now.</param>
/// <param name="State">How it went so far.</param>
internal sealed record RenewalJob(CertificateId Id, ImmutableArray<string> Names, DateTimeOffset DueAt, RenewalState State)
{
    /// <summary>The certificate that serves now; null when there is none.</summary>
    public ServedCertificate? Held { get; init; }

    /// <summary>Whether a person asked for it: then the guard against too many certificates is off.</summary>
    public bool Forced { get; init; }
}
