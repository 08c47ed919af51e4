using System.Collections.Immutable;
using System.Net;
using Edge.Acme;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Stores;
using Microsoft.Extensions.Logging;

namespace Edge.Certificates;

/// <summary>What the certificates need from the rest of the program.</summary>
internal sealed record CertificateSetup
{
    public required CertificateOptions Options { get; init; }

    /// <summary>The data folder, a full path.</summary>
    public required string Data { get; init; }

    /// <summary>This box: NODE.DOMAIN, lower case, no trailing dot.</summary>
    public required string Node { get; init; }

    /// <summary>The zones served at the moment of the call; null while the engine is not there.</summary>
    public required Func<ZoneSet?> Zones { get; init; }

    /// <summary>Where an alias of somebody else's zone leads, as the rest of the world sees it; null when there is none, an <see cref="IssuanceException"/> that passes when nobody can say.</summary>
    public Func<Name, CancellationToken, Task<Name?>> Outside { get; init; } = static (_, _) => Task.FromResult<Name?>(null);

    /// <summary>The servers that have a zone of ours from us.</summary>
    public Func<Name, ImmutableArray<IPEndPoint>> Secondaries { get; init; } = static _ => [];

    /// <summary>Addresses by which clients know this box: its own certificate holds them, so that who knows no name yet can check it as well.</summary>
    public Func<ImmutableArray<string>> Addresses { get; init; } = static () => [];

    /// <summary>For the fleet's lock; null: a box by itself.</summary>
    public IStore? Store { get; init; }

    public RetryLadder Ladder { get; init; } = RetryLadder.Minutes;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public required ILogger Logger { get; init; }
}
