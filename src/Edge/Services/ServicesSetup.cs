using System.Collections.Immutable;
using Edge.Stores;
using Microsoft.Extensions.Logging;

namespace Edge.Services;

/// <summary>What the services need from the rest of the program.</summary>
internal sealed record ServicesSetup
{
    /// <summary>The folder of route files, a full path.</summary>
    public required string Folder { get; init; }

    /// <summary>The folder as the user knows it: "proxy-routes".</summary>
    public required string ShownAs { get; init; }

    public required string Domain { get; init; }

    public required string Node { get; init; }

    public required IStore Store { get; init; }

    /// <summary>What declares services beside files and registrations.</summary>
    public ImmutableArray<IOutsideSource> Others { get; init; } = [];

    /// <summary>Knows what neighbours announce, which services of files may follow; null where nothing is asked.</summary>
    public IAnnouncements? Announcements { get; init; }

    /// <summary>The three who serve what the catalogue holds.</summary>
    public required IServiceReader Certificates { get; init; }

    public required IServiceReader Gateway { get; init; }

    public required IServiceReader Names { get; init; }

    /// <summary>Knows the destinations that the gateway would refuse.</summary>
    public required IDestinationCheck Destinations { get; init; }

    public required ILoggerFactory Logs { get; init; }

    public required TimeProvider Time { get; init; }
}
