using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>
/// Takes a destination out as soon as a connection to it fails, and lets it in again after a while. YARP's own policy
/// goes by the rate of failures over at least ten requests, by which time ten people of a small site have seen an error.
/// </summary>
internal sealed partial class ConnectFailureHealthPolicy(IDestinationHealthUpdater health, ILogger<ConnectFailureHealthPolicy> logger) : IPassiveHealthCheckPolicy
{
    public const string PolicyName = "ConnectFailure";

    /// <summary>How long a destination stays out.</summary>
    public static readonly TimeSpan ReactivationPeriod = TimeSpan.FromSeconds(10);

    public string Name => PolicyName;

    public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
    {
        if (context.Features.Find<IForwarderErrorFeature>() is not { } error)
        {
            Answered(cluster, destination);
        }
        else if (ConnectionFailed(error))
        {
            var before = destination.Health.Passive;
            Set(cluster, destination, DestinationHealth.Unhealthy);
            if (before != DestinationHealth.Unhealthy)
            {
                Log.Out(logger, cluster.ClusterId, destination.DestinationId, error.Exception?.Message);
            }
        }
    }

    /// <summary>A destination has answered.</summary>
    public void Answered(ClusterState cluster, DestinationState destination)
    {
        if (destination.Health.Passive != DestinationHealth.Healthy)
        {
            Set(cluster, destination, DestinationHealth.Healthy);
            Log.Back(logger, cluster.ClusterId, destination.DestinationId);
        }
    }

    /// <summary>Whether no connection came about, so that nothing of the request can have reached the destination.</summary>
    public static bool ConnectionFailed(IForwarderErrorFeature error) =>
        error.Error == ForwarderError.Request && error.Exception is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
        };

    private void Set(ClusterState cluster, DestinationState destination, DestinationHealth state) =>
        health.SetPassive(cluster, destination, state, cluster.Model.Config.HealthCheck?.Passive?.ReactivationPeriod ?? ReactivationPeriod);

    private static partial class Log
    {
        [LoggerMessage(5020, LogLevel.Warning, "{Cluster}: no connection to {Destination} ({Reason}); it is left out for a while")]
        public static partial void Out(ILogger logger, string cluster, string destination, string? reason);

        [LoggerMessage(5021, LogLevel.Information, "{Cluster}: {Destination} answers")]
        public static partial void Back(ILogger logger, string cluster, string destination);
    }
}
