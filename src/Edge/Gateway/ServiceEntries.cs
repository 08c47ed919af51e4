using System.Collections.Immutable;
using Edge.Services;
using Edge.Settings;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>The routes of the services, kept from change to change. Used by <see cref="RouteTableManager"/> only.</summary>
internal sealed class ServiceEntries(ClusterFactory clusters, OwnAddresses own, ServiceTransformer transformer, GuardedTransformer guarded)
{
    private Dictionary<string, Held> _held = new(StringComparer.Ordinal);

    public ImmutableArray<RouteEntry> Entries { get; private set; } = [];

    public ImmutableArray<Problem> Problems { get; private set; } = [];

    /// <summary>Takes the services of now.</summary>
    /// <returns>How many routes were built.</returns>
    public int Apply(ServiceSet set)
    {
        var (next, built) = (new Dictionary<string, Held>(set.Services.Length, StringComparer.Ordinal), 0);
        foreach (var service in set.Services)
        {
            // A service without a destination is only a name.
            if (service.To.IsDefaultOrEmpty)
            {
                continue;
            }

            var before = _held.GetValueOrDefault(service.Name);
            if (before is not null && before.Problems.IsEmpty && (ReferenceEquals(before.Service, service) || before.Service.Equals(service)))
            {
                next.Add(service.Name, before);
                continue;
            }

            next.Add(service.Name, BuildAlone(service, before));
            built++;
        }

        foreach (var (name, gone) in _held)
        {
            if (!next.ContainsKey(name) && gone.Entry?.Model.Cluster is { } cluster)
            {
                clusters.Remove(cluster);
            }
        }

        _held = next;
        Entries = [.. set.Services.Select(service => next.GetValueOrDefault(service.Name)?.Entry).OfType<RouteEntry>()];
        Problems = [.. next.Values.SelectMany(held => held.Problems)];
        return built;
    }

    // Whatever is wrong with one service, the others are served.
    private Held BuildAlone(Service service, Held? before)
    {
        try
        {
            return Build(service, before);
        }
        catch (Exception wrong)
        {
            return new Held(service, before?.Entry, [new Problem(service.Where, 0, $"services.{service.Name}", $"cannot be served: {wrong.Message}")]);
        }
    }

    private Held Build(Service service, Held? before)
    {
        var problems = new List<Problem>();
        var destinations = new List<Uri>();
        Problem? loop = null;
        for (var i = 0; i < service.To.Length; i++)
        {
            var destination = service.To[i];
            var field = $"services.{service.Name}.to[{i}]";
            if (ServiceRoutes.Wrong(destination) is { } wrong)
            {
                problems.Add(new Problem(service.Where, 0, field, $"\"{destination}\" {wrong}"));
            }
            else if (own.LeadsBackTo(destination) is { } listener)
            {
                loop = new Problem(service.Where, 0, field, DestinationCheck.Circle(destination, listener), DestinationCheck.CircleHint);
                problems.Add(loop);
            }
            else
            {
                destinations.Add(destination);
            }
        }

        var hosts = service.Hosts.Select(HostPattern.Parse).OfType<HostPattern>().ToImmutableArray();
        if (destinations.Count == 0 && loop is null)
        {
            // Nothing usable was said: what served before keeps serving.
            return new Held(service, before?.Entry, [.. problems]);
        }

        var cluster = clusters.Make(ServiceRoutes.Cluster(service, destinations), before?.Entry?.Model.Cluster);
        var entry = new RouteEntry(new RouteModel(ServiceRoutes.Route(service), cluster, service.Access is null ? transformer : guarded), RouteMatcher.Everything, hosts)
        {
            IsService = true,
            Expose = service.Expose,
            Service = service.Name,
            Access = service.Access,
            Where = service.Where,
            Refused = destinations.Count == 0 ? loop : null,
        };
        return new Held(service, entry, [.. problems]);
    }

    private sealed record Held(Service Service, RouteEntry? Entry, ImmutableArray<Problem> Problems);
}
