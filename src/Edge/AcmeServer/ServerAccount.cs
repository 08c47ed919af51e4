using System.Collections.Immutable;

namespace Edge.AcmeServer;

/// <summary>An account as the store keeps it.</summary>
internal sealed record ServerAccount
{
    public required string Id { get; init; }

    /// <summary>The public key in canonical form.</summary>
    public required string Key { get; init; }

    public ImmutableArray<string> Contact { get; init; } = [];

    public required DateTimeOffset Created { get; init; }

    /// <summary>The client's address when it was made.</summary>
    public required string From { get; init; }

    /// <summary>When it last ordered something, to the day; null: not since this is kept.</summary>
    public DateTimeOffset? Used { get; init; }

    public bool Deactivated { get; init; }

    /// <summary>Whether it was let in by a key of the owner's (RFC 8555 §7.3.4).</summary>
    public bool Bound { get; init; }
}
