using Edge.Dns.Snapshots;

namespace Edge.Services;

/// <summary>Something that declares services: files, registrations, containers.</summary>
internal interface IServiceSource
{
    /// <summary>What kind of source it is: the catalog's precedence.</summary>
    SourceKind Kind { get; }

    /// <summary>What it declares now; a map that follows another shares with it what did not change.</summary>
    ShardedMap<string, DeclaredGroup> Current { get; }

    /// <summary>Raised after <see cref="Current"/> was replaced; when the handler returns, the change is live in every reader.</summary>
    event Action? Changed;
}
