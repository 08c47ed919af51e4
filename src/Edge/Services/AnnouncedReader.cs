using Edge.Settings;

namespace Edge.Services;

/// <summary>Reads <c>mdns</c>, which stands in the place of <c>to</c>: what a neighbour calls his service.</summary>
internal static class AnnouncedReader
{
    /// <summary>The same mapping, with a destination that stands for wherever the neighbour is.</summary>
    public static MapNode Lead(MapNode service) => service.Find("mdns") is { } announced && service.Find("to") is null
        ? service with { Entries = [.. service.Entries, KeyValuePair.Create<string, Node>("to", new ScalarNode(announced.File, announced.Line, announced.Path, AnnouncedService.Somewhere.OriginalString))] }
        : service;

    /// <summary>What is followed; null when nothing is.</summary>
    /// <param name="reader">The service's mapping, as <see cref="Lead"/> made it.</param>
    /// <param name="by">Who says it.</param>
    public static AnnouncedService? Read(MapReader reader, Declarer by)
    {
        if (reader.Node("mdns") is not { } at)
        {
            return null;
        }

        if (!by.MayFollow)
        {
            reader.Problems.Add(at, "follows what is announced in the LAN, which only a file in proxy-routes/ may", "say it there");
        }

        if (reader.Items("to") is not [ScalarNode { Value: var to }] || to != AnnouncedService.Somewhere.OriginalString)
        {
            reader.Problems.Add(at, "says where requests go, and so does to", "leave one of them out");
        }

        var (instance, type) = at is MapNode map ? Named(new MapReader(map, reader.Problems)) : ((at as ScalarNode)?.Value, null);
        if (instance is null or "")
        {
            reader.Problems.Add(at, "does not say what the service is called", "mdns: NAME, or mdns: {instance: NAME, type: _http._tcp}; edge services found lists what there is");
            return null;
        }

        return new AnnouncedService(instance, type);
    }

    private static (string? Instance, string? Type) Named(MapReader reader)
    {
        var named = (reader.Text("instance"), reader.Word("type", "_http._tcp", "_https._tcp"));
        reader.Done();
        return named;
    }
}
