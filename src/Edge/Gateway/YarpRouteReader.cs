using Edge.Settings;
using Yarp.ReverseProxy.Configuration;

namespace Edge.Gateway;

/// <summary>Reads one route in YARP's schema.</summary>
internal static class YarpRouteReader
{
    public static RouteConfig Read(string id, YarpFields fields, ProblemList problems)
    {
        Unsupported(fields, problems);
        var route = new RouteConfig
        {
            RouteId = id,
            ClusterId = fields.Text("ClusterId"),
            Order = fields.Number("Order"),
            MaxRequestBodySize = fields.Long("MaxRequestBodySize"),
            Timeout = fields.Time("Timeout"),
            Metadata = fields.TextMap("Metadata"),
            Match = fields.Section("Match") is { } match ? Match(match, problems) : new RouteMatch(),
            Transforms = Transforms(fields),
        };
        if (route.ClusterId is null)
        {
            problems.Add(fields.Map, "names no ClusterId", "a route needs the cluster that requests go to");
        }

        fields.Done();
        return route;
    }

    // A route that is guarded elsewhere must not be served unguarded here.
    private static void Unsupported(YarpFields fields, ProblemList problems)
    {
        foreach (var (key, harmless, instead) in (ReadOnlySpan<(string, string, string)>)
        [
            ("AuthorizationPolicy", "anonymous", "guard the program behind it"),
            ("RateLimiterPolicy", "disable", "limit in the program behind it"),
            ("OutputCachePolicy", "", "leave it out"),
            ("CorsPolicy", "disable", "let the program behind it answer CORS"),
            ("TimeoutPolicy", "disable", "use Timeout"),
        ])
        {
            if (fields.Node(key) is { } node && (node is not ScalarNode { Value: { } text } || !text.Equals(harmless, StringComparison.OrdinalIgnoreCase)))
            {
                problems.Add(node, "is not supported by this gateway, so the route is not served", instead);
            }
        }
    }

    private static RouteMatch Match(YarpFields fields, ProblemList problems)
    {
        var match = new RouteMatch
        {
            Hosts = fields.Texts("Hosts"),
            Path = fields.Text("Path"),
            Methods = fields.Texts("Methods"),
            Headers = [.. fields.Sections("Headers").Select(Header)],
            QueryParameters = [.. fields.Sections("QueryParameters").Select(QueryParameter)],
        };
        fields.Done();
        foreach (var host in match.Hosts ?? [])
        {
            if (HostPattern.Parse(host) is null)
            {
                problems.Add(fields.Node("Hosts")!, $"\"{host}\" is not a host", "such as photos.example.com, *.example.com or example.com:8443");
            }
        }

        // Empty lists and absent ones are the same to a person, but not to YARP's comparison of configurations.
        return match with { Headers = match.Headers is { Count: > 0 } ? match.Headers : null, QueryParameters = match.QueryParameters is { Count: > 0 } ? match.QueryParameters : null };
    }

    private static RouteHeader Header(YarpFields fields)
    {
        var header = new RouteHeader
        {
            Name = fields.Text("Name") ?? "",
            Values = fields.Texts("Values"),
            Mode = fields.Word<HeaderMatchMode>("Mode") ?? HeaderMatchMode.ExactHeader,
            IsCaseSensitive = fields.Switch("IsCaseSensitive") ?? false,
        };
        fields.Done();
        return header;
    }

    private static RouteQueryParameter QueryParameter(YarpFields fields)
    {
        var parameter = new RouteQueryParameter
        {
            Name = fields.Text("Name") ?? "",
            Values = fields.Texts("Values"),
            Mode = fields.Word<QueryParameterMatchMode>("Mode") ?? QueryParameterMatchMode.Exact,
            IsCaseSensitive = fields.Switch("IsCaseSensitive") ?? false,
        };
        fields.Done();
        return parameter;
    }

    private static Dictionary<string, string>[]? Transforms(YarpFields fields)
    {
        Dictionary<string, string>[] transforms = [.. fields.Sections("Transforms").Select(transform => transform.AsTexts())];
        return transforms.Length == 0 ? null : transforms;
    }
}
