using Edge.Services;
using Edge.Services.Routing;

namespace Edge.Tests.Gateway;

/// <summary>Services and routes by chance, few enough that they get in each other's way.</summary>
internal sealed class RandomDeclarations(Random random)
{
    public static readonly string[] Hosts = ["x", "a.x", "b.x", "*.x", "c.b.x", "*.b.x", "d.c.b.x"];

    public static readonly string[] Paths = ["/", "/api/one", "/api/two/three", "/static"];

    /// <summary>What one file or registration says; its services are called after it.</summary>
    public IEnumerable<Service> Some(SourceKind kind, string group) => [.. Enumerable.Range(0, random.Next(4)).Select(at => One(kind, group, at))];

    /// <summary>A file in YARP's shape; its names begin with its own.</summary>
    public string YarpFile(string name)
    {
        var routes = Enumerable.Range(0, random.Next(4)).Select(at =>
            $"  {name}{at}:\n    ClusterId: {name}\n    Order: {random.Next(-1, 2)}\n    Match: {{ {(random.Next(5) == 0 ? "" : $"Hosts: [ '{Any(Hosts)}', '{Any(Hosts)}' ], ")}Path: '{Any(["/api/{**rest}", "/static", "/{**all}"])}' }}\n");
        var all = string.Concat(routes);
        return $"Routes: {(all.Length == 0 ? "{}" : "\n" + all)}\nClusters: {{ {name}: {{ Destinations: {{ one: {{ Address: 'http://192.0.2.{random.Next(1, 4)}' }} }} }} }}\n";
    }

    private Service One(SourceKind kind, string group, int at)
    {
        var party = kind == SourceKind.Api ? Any(["one", "two"]) : "";
        var where = kind == SourceKind.Api ? $"token {party}" : $"{group}:{at + 1}";
        var to = new Uri($"http://192.0.2.{random.Next(1, 4)}");
        var path = random.Next(2) == 0 ? null : new PathPattern(PathKind.Prefix, Any(["/api", "/api/two", "/static"]));
        var priority = random.Next(4) == 0 ? random.Next(1, 3) : 0;
        return new Service
        {
            Name = $"{group.Split('.')[0]}{at}",
            Hosts = [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Any(Hosts)).Distinct()],
            To = [to],
            Expose = random.Next(4) == 0 ? Exposure.Lan : Exposure.Everywhere,
            Routing = path is null && priority == 0 ? null : new ServiceRouting(
            [
                new ServiceRoute { Field = "routes[0]", Where = where, To = [new Destination(to)], Match = new RequestMatch { Paths = path is null ? [] : [path], Priority = priority } },
                .. random.Next(2) == 0 ? (ServiceRoute[])[new ServiceRoute { Field = "", Where = where, To = [new Destination(to)], Match = new RequestMatch { Priority = priority } }] : [],
            ]),
            Source = kind,
            Party = party,
            Where = where,
        };
    }

    private T Any<T>(T[] all) => all[random.Next(all.Length)];
}
