using System.Collections.Immutable;
using Edge.Services;
using Edge.Services.Routing;
using Edge.Settings;

namespace Edge.Docker;

/// <summary>What containers with the same labels declare together: requests are shared out among those that can answer.</summary>
internal sealed class ReplicaServices(EngineOptions options, ServiceReader reader)
{
    private readonly ContainerServices _services = new(options, reader);

    /// <param name="replicas">The containers, the oldest first, each with the one whose network it uses.</param>
    /// <param name="where">Who has what they declare.</param>
    /// <param name="reaches">Chooses how they are reached.</param>
    public (ImmutableArray<Service> Services, ImmutableArray<Problem> Problems) Read(IReadOnlyList<(Container Container, Container? Host)> replicas, string where, ReachFinder reaches)
    {
        var read = replicas.Select(one => (one.Container, Said: _services.Read(one.Container, one.Host, where, reaches))).ToList();
        var declared = read.SelectMany(one => one.Said.Services.Select(service => (one.Container, Service: service))).GroupBy(one => one.Service.Name, StringComparer.Ordinal);

        // What is wrong with a label is wrong with it in each of them.
        var problems = read.SelectMany(one => one.Said.Problems).DistinctBy(problem => (problem.Field, problem.Message));
        return ([.. declared.Select(same => Together([.. same])).OfType<Service>()], [.. problems]);
    }

    private static Service? Together(IReadOnlyList<(Container Container, Service Service)> all)
    {
        var answering = all.Where(one => one.Container.State == ContainerState.Running).ToList();
        if (answering.Count == 0)
        {
            // The one that is nearest to answering tells.
            var (container, service) = all.MinBy(one => one.Container.State);
            return Waiting.Of(service, container.State);
        }

        var first = answering[0].Service;
        if (all.Count == 1)
        {
            return first;
        }

        return first with
        {
            To = Union(answering.Select(one => one.Service.To)),
            Stream = first.Stream is { } stream ? stream with { To = Union(answering.Select(one => one.Service.Stream?.To ?? [])) } : null,
            Routing = first.Routing is { } routing ? new ServiceRouting([.. routing.Routes.Select((route, at) => Together(route, at, answering))]) : null,
            Remark = $"{first.Remark}; {answering.Count} of {all.Count} containers share what comes: {string.Join(", ", answering.Select(one => one.Container.Name))}",
        };
    }

    private static ServiceRoute Together(ServiceRoute route, int at, IEnumerable<(Container Container, Service Service)> all) =>
        route with { To = [.. all.SelectMany(one => one.Service.Routing?.Routes.ElementAtOrDefault(at)?.To ?? []).Distinct()] };

    // The same may stand in all of them: another machine that the labels name.
    private static ImmutableArray<Uri> Union(IEnumerable<ImmutableArray<Uri>> all) => [.. all.SelectMany(one => one).Distinct()];
}
