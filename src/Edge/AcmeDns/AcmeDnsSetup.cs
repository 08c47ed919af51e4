using System.Net;
using Edge.Dns.Wire;
using Edge.Stores;
using Microsoft.Extensions.Logging;

namespace Edge.AcmeDns;

/// <summary>What the room needs from the rest of the program.</summary>
internal sealed record AcmeDnsSetup
{
    public required AcmeDnsOptions Options { get; init; }

    public required IStore Store { get; init; }

    public required Func<IPAddress, bool> IsLan { get; init; }

    /// <summary>Whether a name lies in a zone of ours, so that what stands there is answered.</summary>
    public required Func<Name, bool> IsOurs { get; init; }

    /// <summary>Whether a client may register once more, or send an update once more, at this time.</summary>
    public required Func<IPAddress, bool, bool> Allows { get; init; }

    /// <summary>Is told of clients with a wrong name or key.</summary>
    public required Action<IPAddress> Refused { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }
}
