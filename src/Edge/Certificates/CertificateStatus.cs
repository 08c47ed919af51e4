using System.Collections.Immutable;
using Edge.Acme;

namespace Edge.Certificates;

/// <summary>One line of <c>edge certs</c>.</summary>
internal sealed record CertificateStatus
{
    private const string Unproven = "it is not renewed: the name cannot be proven to a CA any more";

    public required ImmutableArray<string> Names { get; init; }

    /// <summary>"internal", or the CA.</summary>
    public required string Issuer { get; init; }

    /// <summary>Null while there is no certificate of this issuer; the two go together.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? NotAfter { get; init; }

    public required CertificateState State { get; init; }

    /// <summary>Why it is failing.</summary>
    public string? Reason { get; init; }

    /// <summary>Failures since the last success.</summary>
    public int Attempts { get; init; }

    /// <summary>When it is tried or renewed next.</summary>
    public DateTimeOffset? NextTry { get; init; }

    /// <summary>When the CA wants it renewed (RFC 9773); null when it has not said.</summary>
    public RenewalWindow? Window { get; init; }

    /// <summary>The file of the chain.</summary>
    public required string Path { get; init; }

    /// <summary>The same of one that is not renewed: when its time for that has come, the reason is told.</summary>
    public CertificateStatus Ending(DateTimeOffset now) => Issuer == CertificateId.Internal ? this
        : this with { NextTry = null, Reason = now < NextTry ? null : Unproven, State = now < NextTry ? CertificateState.Serving : CertificateState.Failing };

    public static CertificateStatus Of(StoredCertificate stored, string path, bool working, DateTimeOffset now)
    {
        var current = stored.Certificate;
        var renewAt = current is null ? (DateTimeOffset?)null : RenewalTime.Of(current.NotBefore, current.NotAfter, stored.State.Window);
        var fresh = now < renewAt;
        return new CertificateStatus
        {
            Names = stored.Names,
            Issuer = stored.Id.Issuer,
            NotBefore = current?.NotBefore,
            NotAfter = current?.NotAfter,
            State = stored.State.Reason is not null ? CertificateState.Failing : working || !fresh ? CertificateState.Renewing : CertificateState.Serving,
            Reason = stored.State.Reason,
            Attempts = stored.State.Attempts,
            NextTry = stored.State.NextTry ?? renewAt,
            Window = stored.State.Window,
            Path = path,
        };
    }
}
