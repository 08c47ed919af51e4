using System.Collections.Immutable;

namespace Edge.Services;

/// <summary>How a service is served right now.</summary>
/// <param name="Urls">Where a browser reaches it: "https://photos.nas.example.com:8443/".</param>
/// <param name="Names">What each view answers for its hosts.</param>
/// <param name="Route">The state of its route: "live", "refused: leads back to the gateway"; null when there is none.</param>
/// <param name="Certificates">The certificates its hosts are served with.</param>
internal sealed record ServiceStatus(
    ImmutableArray<string> Urls,
    ImmutableArray<ServiceStatus.ViewName> Names,
    string? Route,
    ImmutableArray<ServiceStatus.HostCertificate> Certificates)
{
    /// <summary>How each of its destinations is, as requests and probes have found it.</summary>
    public ImmutableArray<DestinationHealth> Destinations { get; init; } = [];

    /// <summary>One destination.</summary>
    /// <param name="Address">As it was declared.</param>
    /// <param name="Health">"healthy", "unhealthy", "breaker open" after failures in a row, "unknown" as long as nothing was sent to it.</param>
    internal sealed record DestinationHealth(string Address, string Health);

    /// <summary>What one view answers for one host.</summary>
    /// <param name="View">The view's name: "lan".</param>
    /// <param name="Host">The host.</param>
    /// <param name="Addresses">The addresses, as text.</param>
    /// <param name="Alias">Where a zone file leads the host instead.</param>
    internal sealed record ViewName(string View, string Host, ImmutableArray<string> Addresses, string? Alias = null);

    /// <summary>The certificate of one host.</summary>
    /// <param name="Host">The host.</param>
    /// <param name="Issuer">Who issued it.</param>
    /// <param name="NotAfter">When it ends; null while there is none.</param>
    /// <param name="State">"live", "ordered", "failed: …".</param>
    internal sealed record HostCertificate(string Host, string Issuer, DateTimeOffset? NotAfter, string State);
}
