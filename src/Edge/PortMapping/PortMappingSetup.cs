using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Edge.PortMapping;

/// <summary>What the room needs from the rest of the program.</summary>
internal sealed record PortMappingSetup
{
    /// <summary>The data folder, a full path.</summary>
    public required string Data { get; init; }

    /// <summary>The name of this box.</summary>
    public required string Host { get; init; }

    /// <summary>The ports that are wanted with some settings.</summary>
    public required Func<PortMappingOptions, ImmutableArray<WantedMapping>> Wanted { get; init; }

    /// <summary>Takes the addresses that the outside may be told.</summary>
    public required Action<ImmutableArray<IPAddress>> Publish { get; init; }

    /// <summary>Finds the addresses of the host of an echo.</summary>
    public required Func<string, CancellationToken, Task<ImmutableArray<IPAddress>>> Resolve { get; init; }

    /// <summary>Whether a client may ask the echo once more: to be told (false), or to be tried (true).</summary>
    public required Func<IPAddress, bool, bool> Allows { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }
}
