using System.Net;

namespace Edge.PortMapping.Pcp;

/// <summary>What a PCP server said to a MAP request.</summary>
/// <param name="Result">Whether it is made.</param>
internal sealed record PcpMapAnswer(PcpResult Result)
{
    /// <summary>How long it holds, or how long the error does.</summary>
    public TimeSpan Lifetime { get; init; }

    /// <summary>The seconds for which the server has kept its mappings.</summary>
    public uint Epoch { get; init; }

    public byte[] Nonce { get; init; } = [];

    public MappingProtocol Protocol { get; init; }

    public int Internal { get; init; }

    public int External { get; init; }

    /// <summary>The address outside.</summary>
    public IPAddress? Address { get; init; }
}
