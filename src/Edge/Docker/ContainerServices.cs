using System.Collections.Immutable;
using Edge.Services;
using Edge.Services.Routing;
using Edge.Settings;

namespace Edge.Docker;

/// <summary>Reads what the labels of one container declare: the same schema as a file's, by the same reader.</summary>
internal sealed class ContainerServices(EngineOptions options, ServiceReader reader)
{
    private readonly TokenScope _scope = new(options.Hosts, ["*"]);

    /// <param name="container">The container.</param>
    /// <param name="host">The container whose network it uses; null for its own.</param>
    /// <param name="reaches">Chooses how it is reached.</param>
    public (ImmutableArray<Service> Services, ImmutableArray<Problem> Problems) Read(Container container, Container? host, ReachFinder reaches)
    {
        if (container.State == ContainerState.Stopped)
        {
            return ([], []);
        }

        var problems = new ProblemList();
        var services = new Dictionary<string, Service>(StringComparer.Ordinal);
        foreach (var said in new LabelReader(container, problems).Read())
        {
            if (services.ContainsKey(said.Name))
            {
                problems.Add(said.Map, $"\"{said.Name}\" is declared twice in this container");
            }
            else if (One(container, host, said, reaches, problems) is { } service)
            {
                services.Add(said.Name, service);
            }
        }

        return ([.. services.Values], [.. problems.All]);
    }

    private Service? One(Container container, Container? host, LabelledService said, ReachFinder reaches, ProblemList problems)
    {
        if (reaches.Find(container, host, said.Network, out var wrong) is not { } reach)
        {
            problems.Add(said.Map, $"cannot be reached: {wrong}");
            return null;
        }

        var before = problems.All.Count;
        var map = new DestinationLabels(container, reach, options.Destinations, problems).Resolve(said.Map);
        var by = new Declarer(SourceKind.Docker, options.Socket, container.Where)
        {
            Ports = options.Ports,
            PortHint = $"name it in docker: ports of edge.yaml, which says {(options.Ports.IsEmpty ? "none" : string.Join(", ", options.Ports))}",
        };
        var service = reader.Read(said.Name, map, by, problems);
        foreach (var (field, name) in reader.HostsOf(said.Name, map).Where(pair => !_scope.AllowsHost(pair.Host)))
        {
            problems.Add(new Problem(container.Where, 0, field.StartsWith(said.Map.Path, StringComparison.Ordinal) ? field : $"{said.Map.Path}.{field}",
                $"labels may not claim the host {name}", $"docker: hosts of edge.yaml lets them have {string.Join(", ", options.Hosts)}"));
        }

        if (service is null || problems.All.Count > before)
        {
            return null;
        }

        service = service with { Expose = map.Find("expose") is null ? options.Expose : service.Expose, Remark = reach.How };
        return container.State == ContainerState.Running ? service : Closed(service, container.State);
    }

    // The name stays, and whoever asks is told; a frozen program would let them wait. What is no HTTP has no words for it.
    private static Service? Closed(Service service, ContainerState state)
    {
        if (service.Stream is not null)
        {
            return null;
        }

        var (words, why) = state switch
        {
            ContainerState.Paused => ("is paused", "its container is paused"),
            ContainerState.Starting => ("is starting", "the health check of its container has not passed yet"),
            _ => ("does not work at the moment", "the health check of its container fails"),
        };
        var closed = new MaintenanceAnswer($"{service.Name} {words}.", null);
        var routes = service.Routing?.Routes ?? [new ServiceRoute { Field = "", Where = service.Where, To = [.. service.To.Select(to => new Destination(to))] }];
        return service with
        {
            Routing = new ServiceRouting([.. routes.Select(route => route with { Maintenance = closed })]),
            Remark = $"answered with 503, because {why}",
        };
    }
}
