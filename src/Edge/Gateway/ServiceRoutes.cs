using System.Globalization;
using Edge.Services;
using Edge.Services.Routing;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace Edge.Gateway;

/// <summary>Says a service in YARP's terms.</summary>
internal static class ServiceRoutes
{
    /// <summary>"service:shop", or "service:shop.routes[1]" for one of its list.</summary>
    public static string Id(Service service, ServiceRoute route) => route.Field.Length == 0 ? $"service:{service.Name}" : $"service:{service.Name}.{route.Field}";

    public static RouteConfig Route(Service service, ServiceRoute route) => new()
    {
        RouteId = Id(service, route),
        ClusterId = Id(service, route),
        Order = route.Match.Priority == 0 ? null : -route.Match.Priority,
        Match = new RouteMatch { Hosts = service.Hosts },
    };

    public static ClusterConfig Cluster(Service service, ServiceRoute route, IEnumerable<Destination> destinations) => new()
    {
        ClusterId = Id(service, route),
        LoadBalancingPolicy = LoadBalancingPolicies.RoundRobin,
        HealthCheck = new HealthCheckConfig
        {
            Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = ConnectFailureHealthPolicy.PolicyName, ReactivationPeriod = ConnectFailureHealthPolicy.ReactivationPeriod },
            // When every destination seems dead all are tried: one may have come back, and the answer cannot get worse.
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
        },
        Destinations = destinations.Select(destination => destination.Uri.AbsoluteUri).Distinct().ToDictionary(
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
