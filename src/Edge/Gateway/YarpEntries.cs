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
/// The routes of the files in YARP's shape, kept from change to change. Each is checked by itself, as are the clusters,
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
    private readonly YarpClusters _clusters = new(factory, own, validator);
    private Dictionary<string, PlacedRoute> _routes = new(StringComparer.OrdinalIgnoreCase);
    private HashSet<YarpRoute> _sound = new(ReferenceEqualityComparer.Instance);

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

        var sound = new HashSet<YarpRoute>(ReferenceEqualityComparer.Instance);
        var clusters = _clusters.Read(files.SelectMany(file => file.Clusters), problems);
        var routes = new Dictionary<string, PlacedRoute>(_routes.Count, StringComparer.OrdinalIgnoreCase);
        var (gone, come, last) = (new List<RouteEntry>(), new List<PlacedRoute>(), default(RoutePlace));
        foreach (var route in files.SelectMany(file => file.Routes))
        {
            if (routes.ContainsKey(route.Id))
            {
                problems.Add(route.At, $"is the name of another route already ({routes[route.Id].Entry.Where})", "names of routes are unique among all files");
            }
            else if (Route(route, clusters.Clusters, sound, problems) is { } entry)
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
        _clusters.Keep(clusters);
        var built = come.Count(route => !_routes.TryGetValue(route.Entry.Id, out var before) || !ReferenceEquals(before.Entry, route.Entry));
        (_routes, _sound, Problems) = (routes, sound, [.. problems.All]);
        return new RouteChanges(gone, come, built);
    }

    private RouteEntry? Route(YarpRoute route, IReadOnlyDictionary<string, ClusterState> clusters, HashSet<YarpRoute> sound, ProblemList problems)
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
            Policy = config.Timeout is { } within ? new RoutePolicy { RequestTimeout = within } : null,
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
