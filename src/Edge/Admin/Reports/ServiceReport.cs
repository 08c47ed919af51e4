using System.Collections.Immutable;
using Edge.Services;

namespace Edge.Admin.Reports;

/// <summary>One declared service, whatever declares it, and how it is served.</summary>
/// <param name="Hosts">The hosts that it declares.</param>
/// <param name="Source">"file", "api", "docker", "mdns".</param>
/// <param name="Where">Where exactly it is declared.</param>
/// <param name="State">"live"; "partly" when something of it is missing; "lost" when another has its name or all of its hosts;
/// "starting", "restarting", "unhealthy", "paused" or "stopped" when its container cannot answer.</param>
/// <param name="LeaseSeconds">Seconds until its lease ends; null for a service that stays.</param>
internal sealed record ServiceReport(
    string Name,
    ImmutableArray<string> Hosts,
    ImmutableArray<string> To,
    string Expose,
    string Source,
    string Where,
    string State,
    int? LeaseSeconds)
{
    /// <summary>How its destinations were found, or why they are not asked.</summary>
    public string? Remark { get; init; }

    public ImmutableArray<string> Urls { get; init; } = [];

    /// <summary>What each view answers for its hosts.</summary>
    public ImmutableArray<ServiceStatus.ViewName> Names { get; init; } = [];

    /// <summary>"live", "refused: …"; null when there is none.</summary>
    public string? Route { get; init; }

    public ImmutableArray<ServiceStatus.HostCertificate> Certificates { get; init; } = [];

    public ImmutableArray<ServiceStatus.DestinationHealth> Destinations { get; init; } = [];

    /// <summary>What keeps it from being served to everybody it is for.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}
