using System.Collections.Immutable;
using Edge.Settings;

namespace Edge.Services.Routing;

/// <summary>Reads <c>to</c>: a URL, or a mapping with a URL and its weight; one or a list.</summary>
internal static class DestinationReader
{
    private const int Most = 100;
    private const int MostWeight = 100;

    public static ValueList<Destination> Read(MapReader reader)
    {
        var items = reader.Items("to");
        if (items.Count > Most)
        {
            reader.Problems.Add(reader.Map.Find("to")!, $"has {items.Count} values; {Most} at most");
            return [];
        }

        var found = ImmutableArray.CreateBuilder<Destination>();
        foreach (var item in items)
        {
            if (One(item, reader.Problems) is not { } destination)
            {
                continue;
            }

            if (found.Any(other => other.Uri == destination.Uri))
            {
                reader.Problems.Add(item, $"\"{destination.Uri.OriginalString}\" stands here twice", "leave one out");
            }
            else
            {
                found.Add(destination);
            }
        }

        return new(found.ToImmutable());
    }

    /// <summary>The destinations that are URLs, each with the node that names it, whatever else is wrong.</summary>
    public static IEnumerable<(Node At, Uri To)> Sound(MapReader reader)
    {
        foreach (var item in reader.Items("to"))
        {
            var at = item is MapNode map ? map.Find("url") : item;
            if (at is ScalarNode { Value: { } text } && DestinationUri.Read(text, out _, out _) is { } uri)
            {
                yield return (at, uri);
            }
        }
    }

    private static Destination? One(Node item, ProblemList problems)
    {
        if (item is MapNode map)
        {
            var reader = new MapReader(map, problems);
            var url = reader.Node("url");
            var weight = reader.Number("weight", 1, MostWeight);
            reader.Done();
            if (url is null)
            {
                problems.Add(map, "names no url", "such as { url: http://192.168.1.10:8080, weight: 3 }");
            }

            return url is not null && Parse(url, problems) is { } uri ? new Destination(uri, weight ?? 1) : null;
        }

        return Parse(item, problems) is { } destination ? new Destination(destination) : null;
    }

    private static Uri? Parse(Node item, ProblemList problems)
    {
        if (item is not ScalarNode { Value: { } text })
        {
            problems.Add(item, $"is {item.Kind}; a URL is needed here");
            return null;
        }

        var uri = DestinationUri.Read(text, out var message, out var hint);
        if (uri is null)
        {
            problems.Add(item, message, hint);
        }

        return uri;
    }
}
