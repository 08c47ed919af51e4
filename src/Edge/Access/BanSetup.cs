using System.Collections.Immutable;
using System.Net;
using Edge.Stores;

namespace Edge.Access;

/// <summary>What bans need from the rest of the program.</summary>
internal sealed record BanSetup
{
    public required BanOptions Options { get; init; }

    /// <summary>Whether a client is of the view "lan"; gets IPv4 addresses as IPv4.</summary>
    public required Func<IPAddress, bool> IsLan { get; init; }

    /// <summary>The networks of that view, for those who would ban a network around one of them.</summary>
    public Func<ImmutableArray<IPNetwork>> LanNetworks { get; init; } = static () => [];

    /// <summary>Where bans are kept; null to forget them at the end.</summary>
    public required IStore? Store { get; init; }

    /// <summary>So many are kept, those that ended and are remembered among them.</summary>
    public int MostBans { get; init; } = 1 << 16;

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }
}
