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
