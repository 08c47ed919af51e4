namespace Edge.Services;

/// <summary>A token that is to be made.</summary>
/// <param name="Name">Whose it is to be.</param>
/// <param name="Scope">What it may.</param>
internal sealed record TokenWish(string Name, TokenScope Scope)
{
    /// <summary>The shortest time that an address can be lent for: clients look every few minutes.</summary>
    public static readonly TimeSpan ShortestLease = TimeSpan.FromMinutes(1);

    /// <summary>The longest.</summary>
    public static readonly TimeSpan LongestLease = TimeSpan.FromDays(3650);

    /// <summary>When it stops working; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>It may do everything.</summary>
    public bool Admin { get; init; }

    /// <summary>It gets a key for updates of DNS as well.</summary>
    public bool HasKey { get; init; }

    /// <summary>How long an address stays that it sent and did not send again; null for always.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>Why there can be no such token; null when there can.</summary>
    public string? Problem(DateTimeOffset now) =>
        !HostName.IsLabel(Name) ? $"\"{Name}\" is not a name for a token: letters, digits and hyphens, 63 at most"
        : Scope.Problem() is { } problem ? problem
        : Expires <= now ? "the token would have expired already"
        : Lease < ShortestLease ? "an address cannot be lent for less than a minute"
        : Lease > LongestLease ? "an address cannot be lent for more than ten years"
        : HasKey && Name != Name.ToLowerInvariant() ? $"a key has the name of its token, and its case does not count: name the token \"{Name.ToLowerInvariant()}\""
        : null;
}
