namespace Edge.Services;

/// <summary>A registration and how it stands.</summary>
/// <param name="Registration">What was registered.</param>
/// <param name="InEffect">The service as it is served; null when something stronger holds its name or all of its hosts.</param>
/// <param name="LeaseEnds">When it ends without a renewal; null for one that stays.</param>
internal sealed record RegistrationState(Registration Registration, Service? InEffect, DateTimeOffset? LeaseEnds)
{
    /// <summary>The revision of what was registered; see <see cref="Precondition"/>.</summary>
    public required long Revision { get; init; }

    /// <summary>What it wants and another has.</summary>
    public System.Collections.Immutable.ImmutableArray<ServiceConflict> Lost { get; init; } = [];
}
