using System.Collections.Immutable;
using Edge.Services;
using Edge.Services.Routing;
using Edge.Settings;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>Builds what the table holds for one service: an entry for each route, and for each path of a route.</summary>
internal sealed class ServiceRouteBuilder(ClusterFactory clusters, OwnAddresses own, LoopGuard loops, ServiceTransformer transformer, GuardedTransformer guarded, TrustedProxies proxies, LanClients lan)
{
    /// <param name="service">The service.</param>
    /// <param name="before">Its entries until now: what is wrong keeps them, and clusters that say the same are kept.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public ImmutableArray<RouteEntry> Build(Service service, ImmutableArray<RouteEntry> before, List<Problem> problems)
    {
        if (service.Routing is not { } routing)
        {
            return Build(service, new ServiceRoute { Field = "", Where = service.Where, To = [.. service.To.Select(uri => new Destination(uri))] }, before, problems);
        }

        // The service's own route takes what its list leaves.
        return [.. routing.Routes.OrderBy(route => route.Field.Length == 0).SelectMany(route => Build(service, route, [.. before.Where(entry => entry.Id == ServiceRoutes.Id(service, route))], problems))];
    }

    private ImmutableArray<RouteEntry> Build(Service service, ServiceRoute route, ImmutableArray<RouteEntry> before, List<Problem> problems)
    {
        var (destinations, loop) = Usable(service, route, problems);
        if (destinations.Count == 0 && loop is null && route.Answer is null)
        {
            // Nothing usable was said: what served before keeps serving.
            return before;
        }

        var cluster = route.Answer is not null ? null : clusters.Make(ServiceRoutes.Cluster(service, route, destinations), before.FirstOrDefault()?.Model.Cluster);
        var model = new RouteModel(ServiceRoutes.Route(service, route), cluster, Transformer(service, route));
        var answer = Answer(route);
        ImmutableArray<HostPattern> hosts = [.. (route.Match.Hosts.Count > 0 ? route.Match.Hosts : service.Hosts.AsEnumerable()).Select(HostPattern.Parse).OfType<HostPattern>()];
        return [.. Paths(route.Match).Select(path => new RouteEntry(model, RouteMatcher.Of(route.Match, path, lan), hosts)
        {
            IsService = true,
            Expose = service.Expose,
            Service = service.Name,
            Access = service.Access,
            Where = route.Where,
            Answer = answer,
            Asks = (path is null ? route.Match : route.Match with { Paths = [path] }).Text,
            Refused = destinations.Count == 0 && route.Answer is null ? loop : null,
        })];
    }

    private HttpTransformer Transformer(Service service, ServiceRoute route) =>
        RoutedTransformer.IsNeeded(route) ? new RoutedTransformer(loops, route, proxies.Any) : service.Access is null ? transformer : guarded;

    private static IRouteAnswer? Answer(ServiceRoute route)
    {
        IRouteAnswer? answer = route.Answer switch
        {
            RedirectAnswer redirect => new Redirection(redirect),
            FixedAnswer text => new FixedReply(text),
            _ => null,
        };
        return answer is not null && route.ResponseHeaders is { Count: > 0 } headers ? new HeadedAnswer(answer, new HeaderEdits(headers)) : answer;
    }

    private (List<Destination> Destinations, Problem? Loop) Usable(Service service, ServiceRoute route, List<Problem> problems)
    {
        var destinations = new List<Destination>();
        Problem? loop = null;
        for (var i = 0; i < route.To.Count; i++)
        {
            var destination = route.To[i];
            var field = $"services.{service.Name}.{(route.Field.Length == 0 ? "" : route.Field + ".")}to[{i}]";
            if (ServiceRoutes.Wrong(destination.Uri) is { } wrong)
            {
                problems.Add(new Problem(route.Where, 0, field, $"\"{destination.Uri}\" {wrong}"));
            }
            else if (own.LeadsBackTo(destination.Uri) is { } listener)
            {
                loop = new Problem(route.Where, 0, field, DestinationCheck.Circle(destination.Uri, listener), DestinationCheck.CircleHint);
                problems.Add(loop);
            }
            else
            {
                destinations.Add(destination);
            }
        }

        return (destinations, loop);
    }

    private static IEnumerable<PathPattern?> Paths(RequestMatch match) => match.Paths.Count == 0 ? new PathPattern?[] { null } : match.Paths;
}
