using System.Net;
using Microsoft.Extensions.Logging;

namespace Edge.Names.Multicast;

/// <summary>What mDNS needs from the rest of the program.</summary>
internal sealed record MulticastSetup
{
    /// <summary>Where the gateway listens.</summary>
    public required GatewayPlaces Gateway { get; init; }

    /// <summary>The services.</summary>
    public required SettledServices Services { get; init; }

    /// <summary>The data folder, a full path.</summary>
    public required string Data { get; init; }

    /// <summary>Whether an address is of the view "lan".</summary>
    public required Func<IPAddress, bool> IsLan { get; init; }

    public required ILoggerFactory Logs { get; init; }

    public required TimeProvider Time { get; init; }
}
