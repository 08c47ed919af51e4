using System.Net;

namespace Edge.PortMapping;

/// <summary>What a router said to a request for a mapping.</summary>
/// <param name="Outcome">What became of it.</param>
internal sealed record MapAnswer(MapOutcome Outcome)
{
    public static readonly MapAnswer Silent = new(MapOutcome.Silent);

    public static readonly MapAnswer NotSpoken = new(MapOutcome.NotSpoken);

    /// <summary>A router whose line is down, or that stands behind another one.</summary>
    public static readonly MapAnswer WithoutAddress = new(MapOutcome.Refused) { Reason = "the router has no address on the internet now, or only one behind another router", IsWithoutAddress = true };

    /// <summary>Whether it is refused because the router has no address on the internet.</summary>
    public bool IsWithoutAddress { get; init; }

    /// <summary>How long it holds; null for one that has no end.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>The router's address outside, where the answer says it.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Why not, for people.</summary>
    public string? Reason { get; init; }

    public static MapAnswer Refused(string reason) => new(MapOutcome.Refused) { Reason = reason };

    public static MapAnswer Taken(string reason) => new(MapOutcome.Taken) { Reason = reason };
}
