using System.Globalization;
using System.Net;
using Edge.Services;
using Edge.Services.Routing;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.SessionAffinity;

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
        MaxRequestBodySize = route.Traffic.MaxBody,
    };

    public static ClusterConfig Cluster(Service service, ServiceRoute route, IReadOnlyCollection<Destination> destinations) => new()
    {
        ClusterId = Id(service, route),
        LoadBalancingPolicy = Policy(route.Traffic.Balance?.Kind ?? (destinations.Any(destination => destination.Weight != 1) ? BalanceKind.Weighted : BalanceKind.PowerOfTwoChoices)),
        SessionAffinity = route.Traffic.StickyCookie is { } cookie ? Sticky(cookie.Length > 0 ? cookie : StickyPolicy.CookieOf(Owner(service, route))) : null,
        HealthCheck = new HealthCheckConfig
        {
            Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = ConnectFailureHealthPolicy.PolicyName, ReactivationPeriod = ConnectFailureHealthPolicy.ReactivationPeriod },
            Active = route.Traffic.Health is { } probe ? Probe(probe) : null,
            // When every destination seems dead all are tried: one may have come back, and the answer cannot get worse.
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
        },
        HttpRequest = Request(route.Traffic),
        Metadata = Metadata(route.Traffic),
        Destinations = Named(destinations),
    };

    // YARP tells names apart in no case of letters; the paths of two destinations may differ in nothing else.
    private static Dictionary<string, DestinationConfig> Named(IReadOnlyCollection<Destination> destinations)
    {
        var named = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);
        foreach (var destination in destinations.DistinctBy(destination => destination.Uri.AbsoluteUri))
        {
            var address = destination.Uri.AbsoluteUri;
            var config = new DestinationConfig { Address = address, Metadata = Weight(destination) };
            for (var number = 1; !named.TryAdd(number == 1 ? address : $"{address}#{number}", config); number++)
            {
            }
        }

        return named;
    }

    private static string Policy(BalanceKind kind) => kind switch
    {
        BalanceKind.RoundRobin => LoadBalancingPolicies.RoundRobin,
        BalanceKind.Least => LoadBalancingPolicies.LeastRequests,
        BalanceKind.Weighted => WeightedPolicy.PolicyName,
        BalanceKind.Hash => HashPolicy.PolicyName,
        _ => LoadBalancingPolicies.PowerOfTwoChoices,
    };

    // A route that takes its destinations from its service is the service's to its clients as well.
    private static string Owner(Service service, ServiceRoute route) =>
        service.Routing?.Routes.FirstOrDefault(other => other.Field.Length == 0) is { } own && own.To.Equals(route.To) ? service.Name : Id(service, route);

    // When the destination that the cookie names is gone, another takes over and says so.
    private static SessionAffinityConfig Sticky(string cookie) => new()
    {
        Enabled = true,
        Policy = StickyPolicy.PolicyName,
        FailurePolicy = SessionAffinityConstants.FailurePolicies.Redistribute,
        AffinityKeyName = cookie,
    };

    private static ActiveHealthCheckConfig Probe(HealthProbe probe) => new()
    {
        Enabled = true,
        Policy = ExpectedStatusHealthPolicy.PolicyName,
        Interval = probe.Interval,
        Timeout = probe.Timeout,
        Path = probe.Path.Split('?')[0],
        Query = probe.Path.Contains('?') ? probe.Path[probe.Path.IndexOf('?')..] : null,
    };

    private static ForwarderRequestConfig? Request(RouteTraffic traffic) => traffic.IdleTimeout is null && traffic.Http2 is null ? null : new()
    {
        ActivityTimeout = traffic.IdleTimeout,
        Version = traffic.Http2 is { } http2 ? http2 ? HttpVersion.Version20 : HttpVersion.Version11 : null,
        VersionPolicy = traffic.Http2 is null ? null : HttpVersionPolicy.RequestVersionExact,
    };

    private static Dictionary<string, string>? Metadata(RouteTraffic traffic)
    {
        var metadata = new Dictionary<string, string>();
        if (traffic.ConnectTimeout is { } connect)
        {
            metadata[DestinationClientFactory.ConnectWithin] = connect.ToString("c", CultureInfo.InvariantCulture);
        }

        if (traffic.Balance is { By: { } by } balance)
        {
            metadata[HashPolicy.By] = by;
            metadata[HashPolicy.HeaderOrCookie] = balance.Name ?? "";
        }

        if (traffic.Health is { } probe)
        {
            metadata[ExpectedStatusHealthPolicy.Statuses] = string.Join(' ', probe.Statuses);
            metadata[ExpectedStatusHealthPolicy.Threshold] = probe.Threshold.ToString(CultureInfo.InvariantCulture);
        }

        return metadata.Count == 0 ? null : metadata;
    }

    private static Dictionary<string, string>? Weight(Destination destination) =>
        destination.Weight == 1 ? null : new() { [WeightedPolicy.Weight] = destination.Weight.ToString(CultureInfo.InvariantCulture) };

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
