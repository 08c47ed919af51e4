using System.Collections.Immutable;
using Edge.Services;
using Edge.Settings;

namespace Edge.Docker;

/// <summary>Reads what the labels of one container declare, whether it can answer or not: the same schema as a file's, by the same reader.</summary>
internal sealed class ContainerServices(EngineOptions options, ServiceReader reader)
{
    private readonly TokenScope _scope = new(options.Hosts, ["*"]);

    /// <param name="container">The container.</param>
    /// <param name="host">The container whose network it uses; null for its own.</param>
    /// <param name="where">Who has what it declares.</param>
    /// <param name="reaches">Chooses how it is reached.</param>
    public (ImmutableArray<Service> Services, ImmutableArray<Problem> Problems) Read(Container container, Container? host, string where, ReachFinder reaches)
    {
        var problems = new ProblemList();
        var services = new Dictionary<string, Service>(StringComparer.Ordinal);
        foreach (var said in new LabelReader(container, problems).Read())
        {
            if (services.ContainsKey(said.Name))
            {
                problems.Add(said.Map, $"\"{said.Name}\" is declared twice in this container");
            }
            else if (One(container, host, where, said, reaches, problems) is { } service)
            {
                services.Add(said.Name, service);
            }
        }

        return ([.. services.Values], [.. problems.All]);
    }

    private Service? One(Container container, Container? host, string where, LabelledService said, ReachFinder reaches, ProblemList problems)
    {
        if (reaches.Find(container, host, said.Network, out var wrong) is not { } reach)
        {
            problems.Add(said.Map, $"cannot be reached: {wrong}");
            return null;
        }

        var before = problems.All.Count;
        var map = new DestinationLabels(container, reach, options.Destinations, problems).Resolve(Known(said.Map, problems));
        var by = new Declarer(SourceKind.Docker, options.Socket, where)
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

        return service is null || problems.All.Count > before ? null
            : service with { Expose = map.Find("expose") is null ? options.Expose : service.Expose, Remark = reach.How };
    }

    // The words of other gateways are told with ours.
    private static MapNode Known(MapNode map, ProblemList problems)
    {
        var strange = map.Entries.Select(entry => (Entry: entry, Hint: StrangeLabels.Hint(entry.Key, $"{map.Path}.{entry.Key}"))).Where(one => one.Hint is not null).ToList();
        foreach (var (entry, hint) in strange)
        {
            problems.Add(entry.Value, "is no label of a service", hint);
        }

        return strange.Count == 0 ? map : map with { Entries = [.. map.Entries.Except(strange.Select(one => one.Entry))] };
    }
}
