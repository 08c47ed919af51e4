using System.Collections.Immutable;

namespace Edge.Acme;

/// <summary>How obtaining a certificate goes. Kept on disk: a restart does not begin the ladder anew.</summary>
internal sealed record RenewalState
{
    public static readonly RenewalState Fresh = new();

    /// <summary>Failures since the last success.</summary>
    public int Attempts { get; init; }

    /// <summary>Why the last attempt failed; null when it did not.</summary>
    public string? Reason { get; init; }

    public DateTimeOffset? LastTry { get; init; }

    /// <summary>Not before this time.</summary>
    public DateTimeOffset? NextTry { get; init; }

    /// <summary>When the certificate was obtained: CAs backdate theirs by more or less. Null where that was not kept.</summary>
    public DateTimeOffset? Obtained { get; init; }

    /// <summary>The serial number of that certificate: one that has another was laid there by somebody else.</summary>
    public string? Serial { get; init; }

    /// <summary>When the CA wants the certificate renewed; null when it has not said.</summary>
    public RenewalWindow? Window { get; init; }

    /// <summary>When the CA is asked about that again; null: now.</summary>
    public DateTimeOffset? NextLook { get; init; }

    /// <summary>The CA at which the names could not be proven last: its test CA is asked first.</summary>
    public string? Doubted { get; init; }

    /// <summary>The CAs that are left in peace.</summary>
    public ImmutableArray<IssuerRest> Resting { get; init; } = [];

    /// <summary>The certificates obtained for exactly these names in the last week.</summary>
    public ImmutableArray<Issuance> Issued { get; init; } = [];

    /// <summary>Why and until when a CA is not to be asked; null when it may be. The clock set back makes that void as well.</summary>
    public IssuerRest? RestOf(string issuer, DateTimeOffset now) => LastTry > now ? null : Resting.FirstOrDefault(rest => rest.Issuer == issuer && rest.Until > now);

    /// <summary>Whether the ladder allows an attempt now. A last try in the future says that the clock was set back: then the plan is void.</summary>
    public bool MayTry(DateTimeOffset now) => NextTry is not { } next || now >= next || LastTry > now;
}
