using System.Collections.Immutable;
using Edge.Settings;

namespace Edge.Services.Routing;

/// <summary>Reads where the requests of a service go: its own route and those of its list.</summary>
internal static class RoutingReader
{
    private const int MostRoutes = 100;

    /// <param name="reader">The service's mapping.</param>
    /// <param name="hosts">Its hosts.</param>
    /// <param name="where">Where it stands.</param>
    /// <param name="mayNameFiles">False for those who may name no files of this machine.</param>
    /// <returns>Every destination, and the routing; null when the short form says all there is.</returns>
    public static (ImmutableArray<Uri> To, ServiceRouting? Routing) Read(MapReader reader, ImmutableArray<string> hosts, string where, bool mayNameFiles)
    {
        var own = RouteReader.Read(reader, "", where, mayNameFiles);
        var items = reader.Items("routes");
        if (items.Count > MostRoutes)
        {
            reader.Problems.Add(reader.Map.Find("routes")!, $"has {items.Count} routes; {MostRoutes} at most");
            items = [];
        }

        var listed = items.Select((item, index) => Listed(item, index, own, hosts, where, mayNameFiles, reader.Problems)).OfType<ServiceRoute>().ToList();
        if (!own.Leads && items.Count == 0 && !Says(reader))
        {
            reader.Problems.Add(new Problem(reader.Map.File, reader.Map.Line, reader.Map.Path.Length == 0 ? "to" : $"{reader.Map.Path}.to", "is missing", "say where requests go: to: http://192.168.1.10:8080"));
        }

        ValueList<ServiceRoute> routes = new([.. own.Leads ? [own] : Array.Empty<ServiceRoute>(), .. listed]);
        ImmutableArray<Uri> to = [.. routes.SelectMany(route => route.To).Select(destination => destination.Uri).Distinct()];
        return (to, listed.Count == 0 && own == Plain(own) ? null : new ServiceRouting(routes));
    }

    // What the short form can say: all requests, to destinations that are alike.
    private static ServiceRoute Plain(ServiceRoute route) => new()
    {
        Field = route.Field,
        Where = route.Where,
        To = new([.. route.To.Select(destination => new Destination(destination.Uri))]),
    };

    // What is said and wrong is told as such, and not as missing.
    private static bool Says(MapReader reader) => reader.Items("to").Count > 0 || AnswerReader.Keys.Any(key => reader.Node(key) is not null);

    private static ServiceRoute? Listed(Node item, int index, ServiceRoute own, ImmutableArray<string> hosts, string where, bool mayNameFiles, ProblemList problems)
    {
        if (item is not MapNode map)
        {
            problems.Add(item, $"is {item.Kind}; a mapping such as {{ path: /api/*, to: http://192.168.1.10:8080 }} is needed here");
            return null;
        }

        var reader = new MapReader(map, problems);
        var said = RouteReader.Read(reader, $"routes[{index}]", map.File is null || map.Line == 0 ? where : $"{map.File}:{map.Line}", mayNameFiles);
        var route = RouteReader.Inherit(said with { Match = said.Match with { Hosts = MatchReader.Hosts(reader, hosts) } }, own);
        reader.Done();
        if (!route.Leads && !Says(reader))
        {
            problems.Add(map, "leads nowhere", "say to: here, or for the whole service");
        }

        return route;
    }
}
