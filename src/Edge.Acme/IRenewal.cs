using System.Collections.Immutable;

namespace Edge.Acme;

/// <summary>A certificate that is due, and who keeps it: told what becomes of the attempt.</summary>
internal interface IRenewal
{
    /// <summary>The names to order, the one that it goes by first.</summary>
    ImmutableArray<string> Names { get; }

    /// <summary>How it went so far.</summary>
    RenewalState State { get; }

    /// <summary>The certificate that serves now; null when there is none.</summary>
    HeldCertificate? Held { get; }

    /// <summary>Whether a person asked for it: then neither rests nor the guard against too many certificates count.</summary>
    bool Forced { get; }

    /// <summary>The certificates that a CA gave for exactly these names lately.</summary>
    ImmutableArray<Issuance> IssuancesOf(string issuer);

    /// <summary>Takes a new certificate.</summary>
    /// <returns>Whether it is kept, so that its order needs no memory any more.</returns>
    bool Obtained(string issuer, IssuedCertificate issued, ImmutableArray<IssuerRest> resting);

    /// <summary>Counts a certificate that a CA made and that is of no use.</summary>
    void Spent(string issuer);

    /// <summary>Takes note of a failure.</summary>
    /// <param name="reason">Why there is no certificate.</param>
    /// <param name="doubted">The CA at which the names could not be proven.</param>
    /// <param name="wait">From the number of failures to the wait.</param>
    /// <param name="resting">The CAs that are left in peace.</param>
    void Failed(string reason, string? doubted, Func<int, TimeSpan> wait, ImmutableArray<IssuerRest> resting);

    /// <summary>Nobody could be asked: after the pause it is tried again.</summary>
    void Release(TimeSpan pause);
}
