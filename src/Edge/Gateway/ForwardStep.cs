using System.Collections.Frozen;
using System.Diagnostics;
using Edge.Observability.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>The last step of the pipeline: sends the request to a destination, and to another one when no connection came about.</summary>
internal sealed class ForwardStep(
    IHttpForwarder forwarder,
    IEnumerable<ILoadBalancingPolicy> balancing,
    IEnumerable<IPassiveHealthCheckPolicy> health)
{
    private readonly DestinationLoad _load = new();
    private readonly FrozenDictionary<string, ILoadBalancingPolicy> _balancing = balancing.ToFrozenDictionary(policy => policy.Name, StringComparer.OrdinalIgnoreCase);
    private readonly FrozenDictionary<string, IPassiveHealthCheckPolicy> _health = health.ToFrozenDictionary(policy => policy.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Forwards for a service, for which nothing else has picked a destination.</summary>
    public async Task ForwardServiceAsync(HttpContext context, RouteEntry entry)
    {
        var feature = context.Features.GetRequiredFeature<IReverseProxyFeature>();
        await SendAsync(context, entry, feature);
        if (feature.ProxiedDestination is { } destination)
        {
            Report(context, feature, destination);
        }
    }

    /// <summary>Forwards after YARP's middlewares for affinity and balancing; the one for passive health stands around it.</summary>
    public Task ForwardAsync(HttpContext context, RouteEntry entry) =>
        SendAsync(context, entry, context.Features.GetRequiredFeature<IReverseProxyFeature>());

    private async Task SendAsync(HttpContext context, RouteEntry entry, IReverseProxyFeature feature)
    {
        var candidates = feature.AvailableDestinations;
        List<DestinationState>? tried = null;
        while (Pick(context, entry, candidates) is { } destination)
        {
            feature.ProxiedDestination = destination;
            var error = await SendToAsync(context, entry, feature.Cluster, destination);
            if (error != ForwarderError.Request || !MayTryAnother(context))
            {
                return;
            }

            // Also the ones that balancing and affinity had left out already; each at most once.
            (tried ??= []).Add(destination);
            candidates = [.. feature.AllDestinations.Where(other => !tried.Contains(other) && other.Health is { Passive: not DestinationHealth.Unhealthy, Active: not DestinationHealth.Unhealthy })];
            if (candidates.Count == 0)
            {
                return;
            }

            Report(context, feature, destination);
            // The forwarder only takes an untouched response.
            context.Features.Set<IForwarderErrorFeature>(null);
            context.Response.StatusCode = StatusCodes.Status200OK;
        }

        if (feature.ProxiedDestination is null)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
    }

    private DestinationState? Pick(HttpContext context, RouteEntry entry, IReadOnlyList<DestinationState> candidates)
    {
        if (candidates.Count < 2)
        {
            return candidates.Count == 0 ? null : candidates[0];
        }

        var cluster = entry.Model.Cluster!;
        var name = cluster.Model.Config.LoadBalancingPolicy ?? LoadBalancingPolicies.PowerOfTwoChoices;
        return (_balancing.GetValueOrDefault(name) ?? _balancing[LoadBalancingPolicies.PowerOfTwoChoices]).PickDestination(context, cluster, candidates);
    }

    private async ValueTask<ForwarderError> SendToAsync(HttpContext context, RouteEntry entry, ClusterModel cluster, DestinationState destination)
    {
        var counted = _load.Enter(destination);
        var (begin, error) = (Stopwatch.GetTimestamp(), ForwarderError.None);
        try
        {
            return error = await forwarder.SendAsync(context, destination.Model.Config.Address, cluster.HttpClient, IsStreaming(context.Request) ? entry.Streaming : entry.Ordinary, entry.Model.Transformer);
        }
        finally
        {
            DestinationLoad.Leave(destination, counted);
            RequestRecord.Of(context)?.Tried(begin, error == ForwarderError.None ? null : error.ToString());
        }
    }

    private static bool MayTryAnother(HttpContext context) =>
        !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested
        && context.Features.Get<IForwarderErrorFeature>() is { } error && ConnectFailureHealthPolicy.ConnectionFailed(error);

    private void Report(HttpContext context, IReverseProxyFeature feature, DestinationState destination)
    {
        if (feature.Cluster.Config.HealthCheck?.Passive is { Enabled: true } passive
            && _health.TryGetValue(passive.Policy ?? HealthCheckConstants.PassivePolicy.TransportFailureRate, out var policy))
        {
            policy.RequestProxied(context, feature.Route.Cluster!, destination);
        }
    }

    // WebSockets over HTTP/1.1 and HTTP/2 (RFC 8441 section 4), and event streams, which always ask for themselves.
    private static bool IsStreaming(HttpRequest request) =>
        request.Headers.Upgrade.Count > 0
        || HttpMethods.IsConnect(request.Method)
        || request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase)
        || request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) is true;
}
