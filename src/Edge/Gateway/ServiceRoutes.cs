using System.Globalization;
using Edge.Services;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace Edge.Gateway;

/// <summary>Says a service in YARP's terms.</summary>
internal static class ServiceRoutes
{
    public static string Id(Service service) => "service:" + service.Name;

    public static RouteConfig Route(Service service) => new()
    {
        RouteId = Id(service),
        ClusterId = Id(service),
        Match = new RouteMatch { Hosts = service.Hosts },
    };

    public static ClusterConfig Cluster(Service service, IEnumerable<Uri> destinations) => new()
    {
        ClusterId = Id(service),
        LoadBalancingPolicy = LoadBalancingPolicies.RoundRobin,
        HealthCheck = new HealthCheckConfig
        {
            Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = ConnectFailureHealthPolicy.PolicyName, ReactivationPeriod = ConnectFailureHealthPolicy.ReactivationPeriod },
            // When every destination seems dead all are tried: one may have come back, and the answer cannot get worse.
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
        },
        Destinations = destinations.Select(uri => uri.AbsoluteUri).Distinct().ToDictionary(
            address => address,
            address => new DestinationConfig { Address = address },
            StringComparer.OrdinalIgnoreCase),
    };

    /// <summary>What is wrong with a destination's address; null when nothing is.</summary>
    public static string? Wrong(Uri destination) => destination switch
    {
        { IsAbsoluteUri: false } => "is not an absolute URI, such as http://192.168.1.10:8000",
        { Scheme: not ("http" or "https") } => string.Create(CultureInfo.InvariantCulture, $"has the scheme \"{destination.Scheme}\"; http or https is needed"),
        { Host: "" } => "names no host",
        { UserInfo: not "" } => "holds a user name, which is not passed on",
        _ => null,
    };
}
