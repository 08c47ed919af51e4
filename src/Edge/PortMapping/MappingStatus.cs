namespace Edge.PortMapping;

/// <summary>How it stands with one mapping.</summary>
/// <param name="Wanted">The mapping.</param>
/// <param name="Outcome">What the router said last.</param>
internal sealed record MappingStatus(WantedMapping Wanted, MapOutcome Outcome)
{
    /// <summary>Why it is not there, for people.</summary>
    public string? Reason { get; init; }

    /// <summary>When it ends unless it is prolonged; null for one that has no end, or is not there.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>When the router is asked again.</summary>
    public DateTimeOffset Next { get; init; }

    public bool IsMade => Outcome == MapOutcome.Made;
}
