using System.Collections.Immutable;
using Edge.Services;
using Edge.Settings;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>The routes of the services, kept from change to change. Used by <see cref="RouteTableManager"/> only.</summary>
internal sealed class ServiceEntries(ClusterFactory clusters, ServiceRouteBuilder builder)
{
    private Dictionary<string, Held> _held = new(StringComparer.Ordinal);

    public ImmutableArray<RouteEntry> Entries { get; private set; } = [];

    public ImmutableArray<Problem> Problems { get; private set; } = [];

    /// <summary>Takes the services of now.</summary>
    /// <returns>How many services' routes were built.</returns>
    public int Apply(ServiceSet set)
    {
        var (next, built) = (new Dictionary<string, Held>(set.Services.Length, StringComparer.Ordinal), 0);
        foreach (var service in set.Services)
        {
            // A service without a destination is only a name.
            if (service.To.IsDefaultOrEmpty && service.Routing is null)
            {
                continue;
            }

            var before = _held.GetValueOrDefault(service.Name);
            if (before is not null && before.Problems.IsEmpty && (ReferenceEquals(before.Service, service) || before.Service.Equals(service)))
            {
                next.Add(service.Name, before);
                continue;
            }

            var held = BuildAlone(service, before);
            next.Add(service.Name, held);
            built++;
            RemoveClusters(before, held);
        }

        foreach (var (name, gone) in _held)
        {
            if (!next.ContainsKey(name))
            {
                RemoveClusters(gone, null);
            }
        }

        _held = next;
        Entries = [.. set.Services.SelectMany(service => next.TryGetValue(service.Name, out var held) ? held.Entries : [])];
        Problems = [.. next.Values.SelectMany(held => held.Problems), .. Twice(set, next)];
        return built;
    }

    // Whatever is wrong with one service, the others are served.
    private Held BuildAlone(Service service, Held? before)
    {
        var problems = new List<Problem>();
        try
        {
            return new Held(service, builder.Build(service, before?.Entries ?? [], problems), [.. problems]);
        }
        catch (Exception wrong)
        {
            return new Held(service, before?.Entries ?? [], [new Problem(service.Where, 0, $"services.{service.Name}", $"cannot be served: {wrong.Message}")]);
        }
    }

    private void RemoveClusters(Held? before, Held? now)
    {
        foreach (var cluster in before?.Clusters ?? [])
        {
            if (now?.Clusters.Any(kept => kept.ClusterId == cluster.ClusterId) is not true)
            {
                clusters.Remove(cluster);
            }
        }
    }

    // Which of two routes takes a request that both ask for is not for chance to say. Services without routes of their
    // own cannot ask for the same: the catalogue settles who has a host.
    private static IEnumerable<Problem> Twice(ServiceSet set, Dictionary<string, Held> held)
    {
        var first = new Dictionary<(HostPattern Host, string Asks), RouteEntry>();
        foreach (var entry in set.Services.Where(service => service.Routing is not null).SelectMany(service => held.TryGetValue(service.Name, out var found) ? found.Entries : []))
        {
            foreach (var host in entry.Hosts)
            {
                if (!first.TryAdd((host, entry.Asks), entry))
                {
                    var other = first[(host, entry.Asks)];
                    yield return new Problem(entry.Where, 0, $"services.{entry.Id["service:".Length..]}", $"asks for the same requests of {host} as {other.Id["service:".Length..]} ({other.Where}), which gets them", "take one out, let it ask for something else, or give it a priority");
                    break;
                }
            }
        }
    }

    private sealed record Held(Service Service, ImmutableArray<RouteEntry> Entries, ImmutableArray<Problem> Problems)
    {
        public IEnumerable<ClusterState> Clusters => Entries.Select(entry => entry.Model.Cluster).OfType<ClusterState>().Distinct();
    }
}
