using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;

namespace Edge.Client;

/// <summary>What there is to be registered: where the running application listens, and where it tells of its health.</summary>
/// <param name="options">What was said about it.</param>
/// <param name="server">Its server; null in a program that has none.</param>
/// <param name="endpoints">What it answers; null when it has no routing.</param>
internal sealed class Application(EdgeRegistrationOptions options, IServer? server, EndpointDataSource? endpoints)
{
    // What MapHealthChecks calls its endpoint. There is no metadata of its own to know it by.
    private const string HealthChecks = "Health checks";

    /// <summary>The addresses the server is bound to, once it has started.</summary>
    public IReadOnlyCollection<string> Listens => [.. server?.Features.Get<IServerAddressesFeature>()?.Addresses ?? []];

    /// <summary>Where Edge reaches it over a connection between these addresses; null when nowhere.</summary>
    public string? Destination(IPAddress local, IPAddress edge) => options.Destination?.AbsoluteUri ?? ListeningAddresses.Reachable(Listens, local, edge);

    /// <summary>The path of the health endpoint; null when it has none that Edge could ask.</summary>
    public string? HealthPath() => options.HealthPath switch
    {
        null => endpoints?.Endpoints.OfType<RouteEndpoint>().Where(IsOpenHealthCheck).Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/')).FirstOrDefault(),
        "" => null,
        var path => path,
    };

    // One that asks who is there, or is there for some hosts only, would answer Edge with a refusal.
    private static bool IsOpenHealthCheck(RouteEndpoint endpoint) =>
        endpoint.DisplayName == HealthChecks
        && endpoint.RoutePattern is { RawText: not null, Parameters.Count: 0 }
        && endpoint.Metadata.GetMetadata<IAuthorizeData>() is null
        && endpoint.Metadata.GetMetadata<IHostMetadata>() is null;
}
