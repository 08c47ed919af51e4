using Edge.Dns.Snapshots;

namespace Edge.Services;

/// <summary>Something that declares services: files, registrations; later Docker and mDNS.</summary>
internal interface IServiceSource
{
    /// <summary>"file", "api", …; the catalog's precedence goes by the order in which sources are given to it.</summary>
    string Kind { get; }

    /// <summary>What it declares now; a map that follows another shares with it what did not change.</summary>
    ShardedMap<string, DeclaredGroup> Current { get; }

    /// <summary>Raised after <see cref="Current"/> was replaced; when the handler returns, the change is live in every reader.</summary>
    event Action? Changed;
}
