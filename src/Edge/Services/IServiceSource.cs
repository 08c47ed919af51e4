using System.Collections.Immutable;

namespace Edge.Services;

/// <summary>Something that declares services: files, registrations; later Docker and mDNS.</summary>
internal interface IServiceSource
{
    /// <summary>"file", "api", …; the catalog's precedence goes by the order in which sources are given to it.</summary>
    string Kind { get; }

    /// <summary>What it declares now; replaced as a whole when something changed.</summary>
    ImmutableArray<Service> Current { get; }

    /// <summary>Raised after <see cref="Current"/> was replaced; when the handler returns, the change is live in every reader.</summary>
    event Action? Changed;
}
