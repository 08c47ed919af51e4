using System.Collections.Immutable;
using Edge.Services;
using Edge.Settings;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>The routes of the services, kept from change to change. Used by <see cref="RouteTableManager"/> only.</summary>
internal sealed class ServiceEntries(ClusterFactory clusters, ServiceRouteBuilder builder)
{
    // The entries of so many lie together in memory; what makes them does not grow old.
    private const int Together = 256;

    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _wrong = new(StringComparer.Ordinal);
    private ContestedRequests _contested = new();
    private ServiceSet _set = ServiceSet.Empty;

    public ImmutableArray<Problem> Problems { get; private set; } = [];

    /// <summary>Every route that is kept.</summary>
    public IEnumerable<PlacedRoute> All => _held.SelectMany(one => Placed(one.Key, one.Value));

    /// <summary>After a change that broke off: who asks for what is counted anew.</summary>
    public void Recount()
    {
        _contested = new ContestedRequests();
        _contested.Replace([], All);
    }

    /// <summary>Takes the services of now. What was wrong with a service is tried again though it says the same.</summary>
    public RouteChanges Apply(ServiceSet set)
    {
        var (gone, come, built) = (new List<RouteEntry>(), new List<PlacedRoute>(), 0);
        var changed = ServiceSet.Differing(_set, set).Select(one => one.Key).Concat(_wrong).Distinct(StringComparer.Ordinal).ToList();
        foreach (var some in changed.Chunk(Together))
        {
            var planned = Array.ConvertAll(some, name => (name, Plan(set.ByName(name), _held.GetValueOrDefault(name))));
            foreach (var (name, plan) in planned)
            {
                var (before, now) = (_held.GetValueOrDefault(name), plan?.Make());
                built += now is null ? 0 : 1;
                Keep(name, before, now);
                gone.AddRange(before?.Entries ?? []);
                come.AddRange(Placed(name, now));
            }
        }

        _set = set;
        _contested.Replace(gone, come);
        Problems = [.. _wrong.SelectMany(name => _held[name].Problems), .. _contested.Problems()];
        return new RouteChanges(gone, come, built);
    }

    private static IEnumerable<PlacedRoute> Placed(string name, Held? held) => (held?.Entries ?? []).Select((entry, number) => new PlacedRoute(entry, new RoutePlace(held!.Kind, name, 0, number)));

    private void Keep(string name, Held? before, Held? now)
    {
        if (now is null)
        {
            _held.Remove(name);
        }
        else
        {
            _held[name] = now;
        }

        _ = now is { Problems.IsEmpty: false } ? _wrong.Add(name) : _wrong.Remove(name);

        // Last, as it calls others: should one of them throw, it is done nevertheless and not tried again for ever.
        RemoveClusters(before, now);
    }

    // A service without a destination is only a name.
    private Planned? Plan(Service? service, Held? before) =>
        service is null || (service.To.IsDefaultOrEmpty && service.Routing is null) ? null : BuildAlone(service, before);

    // Whatever is wrong with one service, the others are served.
    private Planned BuildAlone(Service service, Held? before)
    {
        var kind = service.Source != SourceKind.File ? RouteKind.Registration : RouteKind.Service;
        var problems = new List<Problem>();
        try
        {
            return new Planned(kind, builder.Build(service, before?.Entries ?? [], problems), [.. problems]);
        }
        catch (Exception wrong)
        {
            return new Planned(kind, ServiceRouteBuilder.AsBefore(before?.Entries ?? []), [new Problem(service.Where, 0, $"services.{service.Name}", $"cannot be served: {wrong.Message}")]);
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

    private sealed record Planned(RouteKind Kind, ImmutableArray<Func<RouteEntry>> Entries, ImmutableArray<Problem> Problems)
    {
        public Held Make() => new(Kind, [.. Entries.Select(static make => make())], Problems);
    }

    private sealed record Held(RouteKind Kind, ImmutableArray<RouteEntry> Entries, ImmutableArray<Problem> Problems)
    {
        public IEnumerable<ClusterState> Clusters => Entries.Select(entry => entry.Model.Cluster).OfType<ClusterState>().Distinct();
    }
}
