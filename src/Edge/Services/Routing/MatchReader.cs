using System.Collections.Immutable;
using System.Net;
using Edge.Settings;

namespace Edge.Services.Routing;

/// <summary>Reads which requests a route takes.</summary>
internal static class MatchReader
{
    public const int MostValues = 100;
    private const int LongestPath = 1024;

    public static RequestMatch Read(MapReader reader) => new()
    {
        Paths = [.. Bounded(reader, "path", "a path such as /favicon.ico or /api/*", PathOf), .. Expressions(reader)],
        Methods = [.. Bounded(reader, "method", "a method such as GET", text => PatternText.IsToken(text) ? text.ToUpperInvariant() : null).Distinct()],
        Headers = Conditions(reader, "header", PatternText.IsToken),
        Query = Conditions(reader, "query", static name => name.Length > 0),
        Clients = [.. Bounded(reader, "clients", "lan, an address, or a network such as 10.8.0.0/16", ClientsOf).Distinct()],
        Priority = reader.Number("priority", -1_000_000, 1_000_000) ?? 0,
    };

    /// <summary>The hosts of one route of a service: each must be one of the service's, or lie below a wildcard of it.</summary>
    public static ValueList<string> Hosts(MapReader reader, ImmutableArray<string> hosts)
    {
        var found = new List<string>();
        foreach (var item in reader.Items("host"))
        {
            if (item is not ScalarNode { Value: { } text })
            {
                reader.Problems.Add(item, $"is {item.Kind}; a host name is needed here");
            }
            else if (HostName.Read(text, out var message, out var hint) is not { } host)
            {
                reader.Problems.Add(item, message, hint);
            }
            else if (!hosts.Any(whole => whole == host || (whole.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(whole[1..], StringComparison.Ordinal))))
            {
                reader.Problems.Add(item, $"{host} is no host of the service", "name it in the service's own host as well, which gives it a name and a certificate");
            }
            else
            {
                found.Add(host);
            }
        }

        return [.. found.Distinct()];
    }

    // "/api/*" is the path and what is below it; anything else is the path itself.
    private static PathPattern? PathOf(string text)
    {
        if (text.Length > LongestPath || !text.StartsWith('/') || text.AsSpan().ContainsAny("?#\\") || text.Any(char.IsControl))
        {
            return null;
        }

        var (kind, path) = text.EndsWith("/*", StringComparison.Ordinal) ? (PathKind.Prefix, text[..^2]) : (PathKind.Exact, text);
        return path.Contains('*') || path.Split('/').Any(segment => segment is "." or "..") ? null : new PathPattern(kind, path);
    }

    private static IEnumerable<PathPattern> Expressions(MapReader reader)
    {
        foreach (var item in reader.Items("path-regex").Take(MostValues))
        {
            var wrong = item is ScalarNode { Value: { } text } ? PatternText.WrongExpression(text) : $"is {item.Kind}; a regular expression is needed here";
            if (wrong is null)
            {
                yield return new PathPattern(PathKind.Regex, ((ScalarNode)item).Value!);
            }
            else
            {
                reader.Problems.Add(item, wrong);
            }
        }
    }

    private static string? ClientsOf(string text) =>
        text == "lan" ? text
        : IPNetwork.TryParse(text, out var network) ? network.ToString()
        : IPAddress.TryParse(text, out var address) ? address.ToString()
        : null;

    private static ValueList<FieldCondition> Conditions(MapReader reader, string key, Func<string, bool> isName)
    {
        if (reader.Section(key) is not { } section)
        {
            return [];
        }

        var found = new List<FieldCondition>();
        foreach (var (name, node) in section.Map.Entries)
        {
            if (!isName(name))
            {
                reader.Problems.Add(node, $"\"{name}\" is not the name of a {key}");
            }
            else if (Condition(name, section.Items(name), node) is { } condition && (condition.Test != FieldTest.Absent || key == "header"))
            {
                found.Add(condition);
            }
            else
            {
                reader.Problems.Add(node, "is nothing to compare with", "a value, a list of values, \"begins*\", or \"*\" for any" + (key == "header" ? ", or \"\" for a request without it" : ""));
            }
        }

        return [.. found.OrderBy(condition => condition.Name, StringComparer.OrdinalIgnoreCase)];
    }

    private static FieldCondition? Condition(string name, IReadOnlyList<Node> items, Node node)
    {
        var values = items.OfType<ScalarNode>().Select(item => item.Value).OfType<string>().ToList();
        if (values.Count != items.Count || values.Count > MostValues || node is ScalarNode { Value: null })
        {
            return null;
        }

        return values switch
        {
            [] => null,
            [""] => new FieldCondition(name, FieldTest.Absent, []),
            ["*"] => new FieldCondition(name, FieldTest.Present, []),
            [[.. var start, '*']] when !start.Contains('*') => new FieldCondition(name, FieldTest.Prefix, [start]),
            _ => values.Any(value => value.Contains('*') || value.Length == 0) ? null : new FieldCondition(name, FieldTest.Exact, [.. values]),
        };
    }

    private static IEnumerable<T> Bounded<T>(MapReader reader, string key, string expected, Func<string, T?> parse)
        where T : class
    {
        if (reader.Items(key).Count <= MostValues)
        {
            return reader.List(key, expected, parse);
        }

        reader.Problems.Add(reader.Map.Find(key)!, $"has {reader.Items(key).Count} values; {MostValues} at most");
        return [];
    }
}
