using System.Collections.Frozen;
using System.Net;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Services;
using Edge.Stores;
using Microsoft.Extensions.Logging;

namespace Edge.DynamicDns;

/// <summary>What the room needs from the rest of the program.</summary>
internal sealed record DynamicDnsSetup
{
    public required IStore Store { get; init; }

    /// <summary>Whose password a client showed.</summary>
    public required Func<string, CancellationToken, Task<TokenCheck>> Verify { get; init; }

    /// <summary>How a token stands that was verified before.</summary>
    public required Func<Token, CancellationToken, Task<TokenCheck>> VerifyAgain { get; init; }

    /// <summary>The tokens that have a key for updates of DNS, by name.</summary>
    public Func<FrozenDictionary<string, Token>> Keyed { get; init; } = static () => FrozenDictionary<string, Token>.Empty;

    /// <summary>The zones as they are answered now.</summary>
    public required Func<ZoneSet> Zones { get; init; }

    /// <summary>The service that has a host, for people; null for none.</summary>
    public required Func<string, string?> ServiceAt { get; init; }

    /// <summary>Whether a client may send one more update at this time.</summary>
    public required Func<IPAddress, bool> Allows { get; init; }

    /// <summary>Is told of clients whose password is no token.</summary>
    public required Action<IPAddress> Refused { get; init; }

    /// <summary>The view whose addresses are not for everybody.</summary>
    public required string LanView { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Whether a name lies in a zone of ours, in any view.</summary>
    public bool IsOurs(Name name)
    {
        var zones = Zones();
        return Enumerable.Range(0, zones.Views.Length).Any(view => zones.Find(view, name.Wire) is not null);
    }
}
