using System.Collections.Immutable;

namespace Edge.AcmeServer;

/// <summary>A certificate that was made for an account, as the store keeps it.</summary>
internal sealed record ServerCertificate
{
    /// <summary>The serial number in hexadecimal.</summary>
    public required string Serial { get; init; }

    public required string Account { get; init; }

    public required ImmutableArray<string> Names { get; init; }

    /// <summary>The chain in PEM, the root at its end: certbot takes no chain of one.</summary>
    public required string Pem { get; init; }

    public required DateTimeOffset NotBefore { get; init; }

    public required DateTimeOffset NotAfter { get; init; }

    public DateTimeOffset? Revoked { get; init; }

    /// <summary>The order that said it replaces this one.</summary>
    public string? ReplacedBy { get; init; }
}
