using System.Collections.Immutable;

namespace Edge.Dns.Queries;

/// <summary>What was asked, in numbers: of the last day, and who asked for what of the last hour only.</summary>
public sealed record QueryStatistics
{
    /// <summary>Since when there is something to count.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Queries of the last day that were looked at.</summary>
    public required long Queries { get; init; }

    /// <summary>Queries since the start that were only counted: they came faster than they could be looked at.</summary>
    public required long Missed { get; init; }

    /// <summary>The share of those that a list blocked, from 0 to 1.</summary>
    public required double BlockedShare { get; init; }

    /// <summary>By the way they were answered, the most frequent first.</summary>
    public required ImmutableArray<NamedCount> Ways { get; init; }

    /// <summary>By the way they came.</summary>
    public required ImmutableArray<NamedCount> Transports { get; init; }

    /// <summary>By type.</summary>
    public required ImmutableArray<NamedCount> Types { get; init; }

    /// <summary>By response code.</summary>
    public required ImmutableArray<NamedCount> Rcodes { get; init; }

    /// <summary>How long answers took that were at hand.</summary>
    public required Percentiles AtHand { get; init; }

    /// <summary>How long answers took that somebody else was asked for.</summary>
    public required Percentiles Asked { get; init; }

    /// <summary>Who asked most in the last hour.</summary>
    public required ImmutableArray<NamedCount> Clients { get; init; }

    /// <summary>What was asked for most in the last hour.</summary>
    public required ImmutableArray<NamedCount> Names { get; init; }

    /// <summary>What was blocked most in the last hour.</summary>
    public required ImmutableArray<NamedCount> BlockedNames { get; init; }

    /// <summary>Each minute of the last day in which something was asked.</summary>
    public required ImmutableArray<MinuteCount> Minutes { get; init; }
}
