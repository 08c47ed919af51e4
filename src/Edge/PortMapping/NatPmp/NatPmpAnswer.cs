using System.Net;

namespace Edge.PortMapping.NatPmp;

/// <summary>What a router said by NAT-PMP.</summary>
/// <param name="Result">Whether it did it.</param>
internal sealed record NatPmpAnswer(NatPmpResult Result)
{
    /// <summary>The seconds for which it has kept its mappings.</summary>
    public uint Epoch { get; init; }

    /// <summary>Its address outside, where that was asked for.</summary>
    public IPAddress? Address { get; init; }

    public int Internal { get; init; }

    public int External { get; init; }

    public TimeSpan Lifetime { get; init; }
}
