using System.Collections.Immutable;
using Edge.Connections;
using Edge.Services;
using Edge.Services.Routing;
using Edge.Settings;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.SessionAffinity;

namespace Edge.Gateway;

/// <summary>
/// Builds what the table holds for one service: an entry for each route, and for each path of a route. The entries themselves are made
/// last, for all services of a change together: so what requests read lies together in memory, and not far apart among what they do not
/// read. See docs/decisions/0045-cold-hosts.md.
/// </summary>
internal sealed class ServiceRouteBuilder(ClusterFactory clusters, OwnAddresses own, LoopGuard loops, ServiceTransformer transformer, GuardedTransformer guarded, TrustedProxies proxies, LanClients lan, IServiceProvider provider)
{
    private readonly ISessionAffinityPolicy _sticky = provider.GetServices<ISessionAffinityPolicy>().First(policy => policy.Name == StickyPolicy.PolicyName);

    /// <param name="service">The service.</param>
    /// <param name="before">Its entries until now: what is wrong keeps them, and clusters that say the same are kept.</param>
    /// <param name="problems">Receives what is wrong.</param>
    /// <returns>Each makes an entry, or is one of those before.</returns>
    public ImmutableArray<Func<RouteEntry>> Build(Service service, ImmutableArray<RouteEntry> before, List<Problem> problems)
    {
        if (service.Routing is not { } routing)
        {
            return Build(service, new ServiceRoute { Field = "", Where = service.Where, To = [.. service.To.Select(uri => new Destination(uri))] }, before, problems);
        }

        // The service's own route takes what its list leaves.
        return [.. routing.Routes.OrderBy(route => route.Field.Length == 0).SelectMany(route => Build(service, route, [.. before.Where(entry => entry.Id == ServiceRoutes.Id(service, route))], problems))];
    }

    /// <summary>What was built before, once more.</summary>
    public static ImmutableArray<Func<RouteEntry>> AsBefore(ImmutableArray<RouteEntry> before) => [.. before.Select(static entry => (Func<RouteEntry>)(() => entry))];

    private ImmutableArray<Func<RouteEntry>> Build(Service service, ServiceRoute route, ImmutableArray<RouteEntry> before, List<Problem> problems)
    {
        var (destinations, loop) = Usable(service, route, problems);
        if (destinations.Count == 0 && loop is null && Ends(route) is null)
        {
            // Nothing usable was said: what served before keeps serving.
            return AsBefore(before);
        }

        var cluster = Ends(route) is not null ? null : clusters.Make(ServiceRoutes.Cluster(service, route, destinations), before.FirstOrDefault()?.Model.Cluster);
        var model = new RouteModel(ServiceRoutes.Route(service, route), cluster, Transformer(service, route));
        var policy = Policy(service, route, problems);
        var redirection = Ends(route) is RedirectAnswer redirect ? new Redirection(redirect) : null;
        var answer = Answer(service, route, redirection, policy?.ErrorPage, problems);
        ImmutableArray<HostPattern> hosts = [.. (route.Match.Hosts.Count > 0 ? route.Match.Hosts : service.Hosts.AsEnumerable()).Select(HostPattern.Parse).OfType<HostPattern>()];
        var refused = destinations.Count == 0 && Ends(route) is null ? loop : null;
        return [.. Paths(route.Match).Select(path =>
        {
            var (matcher, asks) = (RouteMatcher.Of(route.Match, path, lan), (path is null ? route.Match : route.Match with { Paths = [path] }).Text);
            return (Func<RouteEntry>)(() => new RouteEntry(model, matcher, hosts, streamsForever: true)
            {
                IsService = true,
                IsListed = service.Routing is not null,
                Expose = service.Expose,
                Service = service.Name,
                Access = service.Access,
                Where = route.Where,
                Answer = answer,
                Redirection = redirection,
                Policy = policy,
                Asks = asks,
                Refused = refused,
            });
        })];
    }

    private HttpTransformer Transformer(Service service, ServiceRoute route) =>
        RoutedTransformer.IsNeeded(route) ? new RoutedTransformer(loops, route, proxies.Any, _sticky) : service.Access is null ? transformer : guarded;

    // A service that is closed answers so, whatever its routes say.
    private static RouteAnswer? Ends(ServiceRoute route) => route.Maintenance ?? route.Answer;

    private IRouteAnswer? Answer(Service service, ServiceRoute route, Redirection? redirection, ErrorPage? errorPage, List<Problem> problems)
    {
        IRouteAnswer? answer = Ends(route) switch
        {
            RedirectAnswer => redirection,
            FixedAnswer text => new FixedReply(text),
            FilesAnswer files => Files(service, route, files, errorPage, problems),
            MaintenanceAnswer closed => Closed(service, route, closed, errorPage, problems),
            NotReadyAnswer waiting => new NotReady(waiting, errorPage),
            _ => null,
        };
        return answer is not null && route.ResponseHeaders is { Count: > 0 } headers ? new HeadedAnswer(answer, new HeaderEdits(headers)) : answer;
    }

    private static FileReply Files(Service service, ServiceRoute route, FilesAnswer files, ErrorPage? errorPage, List<Problem> problems)
    {
        if (!Directory.Exists(files.Folder))
        {
            problems.Add(new Problem(route.Where, 0, FieldOf(service, route, "files"), $"{files.Folder} is no folder that is there"));
        }

        return new FileReply(files, route.Path is null ? null : new PathEdit(route.Path), context => GatewayPages.NoFile(HostText.Of(context.Request)).WriteAsync(context, errorPage));
    }

    private static Closed Closed(Service service, ServiceRoute route, MaintenanceAnswer closed, ErrorPage? errorPage, List<Problem> problems)
    {
        Page(service, route, "maintenance.file", closed.File, problems);
        return new Closed(closed, errorPage);
    }

    // What cannot be read is told; the gateway's own page takes its place.
    private static ErrorPage? Page(Service service, ServiceRoute route, string key, string? file, List<Problem> problems)
    {
        if (file is not null && ErrorPage.ProblemOf(file) is { } wrong)
        {
            problems.Add(new Problem(route.Where, 0, FieldOf(service, route, key), $"{file} cannot be read: {wrong}"));
        }

        return file is null ? null : new ErrorPage(file);
    }

    private RoutePolicy? Policy(Service service, ServiceRoute route, List<Problem> problems)
    {
        var traffic = route.Traffic;
        return traffic is { Retries: null or 0, Breaker: null, RequestTimeout: null, Compress: null or { Count: 0 }, ErrorPage: null, Hsts: null } ? null : new RoutePolicy
        {
            Retries = traffic.Retries ?? 0,
            Breaker = traffic.Breaker,
            Hsts = traffic.Hsts,
            RequestTimeout = traffic.RequestTimeout,
            Compressor = traffic.Compress is { Count: > 0 } encodings ? new AnswerCompressor(encodings, provider) : null,
            ErrorPage = Page(service, route, "error-page", traffic.ErrorPage, problems),
        };
    }

    private static string FieldOf(Service service, ServiceRoute route, string key) => $"services.{service.Name}.{(route.Field.Length == 0 ? "" : route.Field + ".")}{key}";

    private (List<Destination> Destinations, Problem? Loop) Usable(Service service, ServiceRoute route, List<Problem> problems)
    {
        var destinations = new List<Destination>();
        Problem? loop = null;
        for (var i = 0; i < route.To.Count; i++)
        {
            var destination = route.To[i];
            var field = FieldOf(service, route, $"to[{i}]");
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
