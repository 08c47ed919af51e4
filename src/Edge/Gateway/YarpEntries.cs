using System.Collections.Immutable;
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
    private Dictionary<string, RouteEntry> _routes = new(StringComparer.OrdinalIgnoreCase);

    public ImmutableArray<RouteEntry> Entries { get; private set; } = [];

    public ImmutableArray<Problem> Problems { get; private set; } = [];

    /// <summary>Takes what the files say now.</summary>
    /// <returns>How many routes were built.</returns>
    public int Apply(ImmutableArray<YarpFile> files, ImmutableArray<Problem> unreadable)
    {
        var problems = new ProblemList();
        foreach (var problem in files.SelectMany(file => file.Problems).Concat(unreadable))
        {
            problems.Add(problem);
        }

        var clusters = Clusters(files.SelectMany(file => file.Clusters), problems);
        var entries = new Dictionary<string, RouteEntry>(StringComparer.OrdinalIgnoreCase);
        var order = ImmutableArray.CreateBuilder<RouteEntry>();
        foreach (var route in files.SelectMany(file => file.Routes))
        {
            if (entries.ContainsKey(route.Id))
            {
                problems.Add(route.At, "is the name of another route already", "names of routes are unique among all files");
            }
            else if (Route(route, clusters, problems) is { } entry)
            {
                entries.Add(route.Id, entry);
                order.Add(entry);
            }
        }

        var built = order.Count(entry => !ReferenceEquals(_routes.GetValueOrDefault(entry.Id), entry));
        foreach (var (id, cluster) in _clusters)
        {
            if (!clusters.ContainsKey(id))
            {
                factory.Remove(cluster);
            }
        }

        (_clusters, _routes) = (clusters, entries);
        (Entries, Problems) = (order.ToImmutable(), [.. problems.All]);
        return built;
    }

    private Dictionary<string, ClusterState> Clusters(IEnumerable<YarpCluster> said, ProblemList problems)
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
            var made = cluster.Config is { } config && IsSound(cluster.At, config, problems) ? factory.Make(config, before) : before;
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

    private RouteEntry? Route(YarpRoute route, Dictionary<string, ClusterState> clusters, ProblemList problems)
    {
        var before = _routes.GetValueOrDefault(route.Id);
        if (route.Config is not { } config)
        {
            return before;
        }

        if (!clusters.TryGetValue(config.ClusterId ?? "", out var cluster))
        {
            problems.Add(route.At, $"goes to the cluster \"{config.ClusterId}\", which is not there or not sound");
            return before;
        }

        var where = $"{route.At.File}:{route.At.Line}";
        if (before is not null && before.Where == where && ReferenceEquals(before.Model.Cluster, cluster) && Same(before.Model.Config, config))
        {
            return before;
        }

        try
        {
            var errors = Wait(validator.ValidateRouteAsync(config));
            foreach (var error in errors)
            {
                problems.Add(route.At, error.Message);
            }

            return errors.Count > 0 ? before : Build(config, cluster, where);
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
