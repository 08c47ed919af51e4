using System.Collections.Immutable;
using System.Net;
using Edge.Stores;
using Microsoft.Extensions.Logging;

namespace Edge.Outward;

/// <summary>What the room needs from the rest of the program.</summary>
internal sealed record OutwardSetup
{
    public required IStore Store { get; init; }

    /// <summary>By which addresses this box is reached from outside; none while none is known.</summary>
    public required Func<ImmutableArray<IPAddress>> Addresses { get; init; }

    /// <summary>What a name has by DNS; null when it cannot be learned now.</summary>
    public required Func<string, CancellationToken, Task<ImmutableArray<IPAddress>?>> Resolve { get; init; }

    /// <summary>This box, by which its marks are known.</summary>
    public required string Owner { get; init; }

    /// <summary>Says to others who asks.</summary>
    public required string UserAgent { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }
}
