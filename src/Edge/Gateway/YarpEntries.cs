using System.Collections.Immutable;
using Edge.Connections;
using Edge.Services;
using Edge.Settings;
using Microsoft.AspNetCore.Routing;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Edge.Gateway;

/// <summary>
/// The routes of the files in YARP's shape, kept from change to change. Each route and cluster is checked by itself
/// with YARP's own validators: a bad one keeps what it was before, and never holds back another.
/// Used by <see cref="RouteTableManager"/> only.
/// </summary>
internal sealed class YarpEntries(
    ClusterFactory factory,
    OwnAddresses own,
    IConfigValidator validator,
    ITransformBuilder transforms,
    IInlineConstraintResolver constraints)
{
    private Dictionary<string, ClusterState> _clusters = new(StringComparer.OrdinalIgnoreCase);
    private Dictionary<string, PlacedRoute> _routes = new(StringComparer.OrdinalIgnoreCase);
    private HashSet<object> _sound = new(ReferenceEqualityComparer.Instance);

    public ImmutableArray<Problem> Problems { get; private set; } = [];

    /// <summary>Every route that is kept.</summary>
    public IEnumerable<PlacedRoute> All => _routes.Values;

    /// <summary>Takes what the files say now. What a file said before that was not read anew is not checked anew.</summary>
    public RouteChanges Apply(ImmutableArray<YarpFile> files, ImmutableArray<Problem> unreadable)
    {
        var problems = new ProblemList();
        foreach (var problem in files.SelectMany(file => file.Problems).Concat(unreadable))
        {
            problems.Add(problem);
        }

        var sound = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var clusters = Clusters(files.SelectMany(file => file.Clusters), sound, problems);
        var routes = new Dictionary<string, PlacedRoute>(_routes.Count, StringComparer.OrdinalIgnoreCase);
        var (gone, come, last) = (new List<RouteEntry>(), new List<PlacedRoute>(), default(RoutePlace));
        foreach (var route in files.SelectMany(file => file.Routes))
        {
            if (routes.ContainsKey(route.Id))
            {
                problems.Add(route.At, $"is the name of another route already ({routes[route.Id].Entry.Where})", "names of routes are unique among all files");
            }
            else if (Route(route, clusters, sound, problems) is { } entry)
            {
                last = new RoutePlace(RouteKind.File, route.At.File ?? "", route.At.Line, last.Source == route.At.File && last.Line == route.At.Line ? last.Number + 1 : 0);
                routes.Add(route.Id, new PlacedRoute(entry, last));
                if (!_routes.TryGetValue(route.Id, out var before) || !ReferenceEquals(before.Entry, entry) || before.Place != last)
                {
                    come.Add(routes[route.Id]);
                }
            }
        }

        gone.AddRange(_routes.Where(one => !routes.TryGetValue(one.Key, out var now) || now != one.Value).Select(one => one.Value.Entry));
        foreach (var (id, cluster) in _clusters)
        {
            if (!clusters.ContainsKey(id))
            {
                factory.Remove(cluster);
            }
        }

        var built = come.Count(route => !_routes.TryGetValue(route.Entry.Id, out var before) || !ReferenceEquals(before.Entry, route.Entry));
        (_clusters, _routes, _sound, Problems) = (clusters, routes, sound, [.. problems.All]);
        return new RouteChanges(gone, come, built);
    }

    private Dictionary<string, ClusterState> Clusters(IEnumerable<YarpCluster> said, HashSet<object> sound, ProblemList problems)
    {
        var clusters = new Dictionary<string, ClusterState>(StringComparer.OrdinalIgnoreCase);
        foreach (var cluster in said)
        {
            if (clusters.ContainsKey(cluster.Id))
            {
                problems.Add(cluster.At, "is the name of another cluster already", "names of clusters are unique among all files");
                continue;
            }

            var before = _clusters.GetValueOrDefault(cluster.Id);
            if (_sound.Contains(cluster) && before is not null)
            {
                clusters.Add(cluster.Id, before);
                sound.Add(cluster);
                continue;
            }

            var made = before;
            if (cluster.Config is { } config && IsSound(cluster.At, config, problems))
            {
                made = factory.Make(config, before);
                sound.Add(cluster);
            }

            if (made is not null)
            {
                clusters.Add(cluster.Id, made);
            }
        }

        return clusters;
    }

    private bool IsSound(Node at, ClusterConfig config, ProblemList problems)
    {
        var wrong = Wait(validator.ValidateClusterAsync(config)).Select(error => error.Message).ToList();
        foreach (var message in wrong)
        {
            problems.Add(at, message);
        }

        foreach (var (name, destination) in config.Destinations ?? new Dictionary<string, DestinationConfig>())
        {
            if (own.LeadsBackTo(new Uri(destination.Address)) is { } listener)
            {
                wrong.Add(name);
                problems.Add(at, $"the destination {name}, {destination.Address}, is this gateway itself ({listener}), so requests would go in a circle", "name the address and port of the program behind it");
            }
        }

        return wrong.Count == 0;
    }

    private RouteEntry? Route(YarpRoute route, Dictionary<string, ClusterState> clusters, HashSet<object> sound, ProblemList problems)
    {
        var before = _routes.GetValueOrDefault(route.Id).Entry;
        if (route.Config is not { } config)
        {
            return before;
        }

        if (!clusters.TryGetValue(config.ClusterId ?? "", out var cluster))
        {
            problems.Add(route.At, $"goes to the cluster \"{config.ClusterId}\", which is not there or not sound");
            return before;
        }

        if (before is not null && _sound.Contains(route) && ReferenceEquals(before.Model.Cluster, cluster))
        {
            sound.Add(route);
            return before;
        }

        var where = $"{route.At.File}:{route.At.Line}";
        if (before is not null && before.Where == where && ReferenceEquals(before.Model.Cluster, cluster) && Same(before.Model.Config, config))
        {
            sound.Add(route);
            return before;
        }

        try
        {
            var errors = Wait(validator.ValidateRouteAsync(config));
            foreach (var error in errors)
            {
                problems.Add(route.At, error.Message);
            }

            if (errors.Count > 0)
            {
                return before;
            }

            var built = Build(config, cluster, where);
            sound.Add(route);
            return built;
        }
        catch (Exception wrong) when (wrong is ArgumentException or InvalidOperationException or FormatException or Microsoft.AspNetCore.Routing.RouteCreationException)
        {
            problems.Add(route.At, wrong.Message);
            return before;
        }
    }

    private RouteEntry Build(RouteConfig config, ClusterState cluster, string where)
    {
        ImmutableArray<HostPattern> hosts = config.Match.Hosts is { Count: > 0 } named
            ? [.. named.Select(HostPattern.Parse).OfType<HostPattern>()]
            : [HostPattern.Any];
        var model = new RouteModel(config, cluster, transforms.Build(config, cluster.Model.Config));
        return new RouteEntry(model, RouteMatcher.Of(config, constraints), hosts)
        {
            Where = where,
            Expose = config.Metadata is not null && config.Metadata.TryGetValue("Expose", out var expose) && expose.Equals("lan", StringComparison.OrdinalIgnoreCase)
                ? Exposure.Lan
                : Exposure.Everywhere,
        };
    }

    // YARP's comparison of routes passes over the size limit.
    private static bool Same(RouteConfig one, RouteConfig other) => one.Equals(other) && one.MaxRequestBodySize == other.MaxRequestBodySize;

    // YARP's validators only look into memory; the task is complete when it comes back.
    private static IList<Exception> Wait(ValueTask<IList<Exception>> validation) => validation.AsTask().GetAwaiter().GetResult();
}
