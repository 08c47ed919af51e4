namespace Edge.Services;

/// <summary>A token as the store keeps it: everything but the secret.</summary>
internal sealed record Token
{
    /// <summary>Whose it is: what it registers belongs to this name, also after the token was replaced by a new one of the same name.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the secret's text.</summary>
    public required ReadOnlyMemory<byte> Hash { get; init; }

    public required TokenScope Scope { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>When it stops working; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>When it was revoked; null when it was not.</summary>
    public DateTimeOffset? Revoked { get; init; }

    /// <summary>The secret that updates of DNS are signed with (TSIG), as it is: a signature cannot be verified with a hash. Empty for none.</summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>How long an address stays that it sent and did not send again; null for always.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>May see and remove what others registered.</summary>
    public bool Admin { get; init; }
}
