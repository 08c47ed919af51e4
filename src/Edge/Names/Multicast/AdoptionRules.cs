using System.Collections.Immutable;
using Edge.Services;
using Edge.Settings;

namespace Edge.Names.Multicast;

/// <summary>Reads <c>mdns.adopt</c>: a rule or a list of them.</summary>
internal static class AdoptionRules
{
    private const int Most = 100;

    public static ImmutableArray<AdoptionRule> Read(MapReader mdns)
    {
        var items = mdns.Items("adopt");
        if (items.Count > Most)
        {
            mdns.Problems.Add(mdns.Node("adopt")!, $"has {items.Count} rules; {Most} at most");
            return [];
        }

        return [.. items.Select(item => One(item, mdns.Problems)).OfType<AdoptionRule>()];
    }

    private static AdoptionRule? One(Node item, ProblemList problems)
    {
        switch (item)
        {
            // "_http._tcp", "printer.local" or what it is called.
            case ScalarNode { Value: { Length: > 0 } text }:
                return text.StartsWith('_') ? IsType(text, item, problems) ? new AdoptionRule { Type = text.ToLowerInvariant() } : null
                    : text.EndsWith(".local", StringComparison.OrdinalIgnoreCase) ? new AdoptionRule { Host = text }
                    : new AdoptionRule { Instance = text };
            case MapNode map:
                return Of(new MapReader(map, problems));
            default:
                problems.Add(item, $"is {item.Kind}", "a type (_http._tcp), what a service is called (\"Printer*\"), its host (printer.local), or a mapping with type, instance, host, as and expose");
                return null;
        }
    }

    private static AdoptionRule? Of(MapReader reader)
    {
        var type = reader.Text("type");
        var rule = new AdoptionRule
        {
            Type = type?.ToLowerInvariant(),
            Instance = reader.Text("instance") ?? "*",
            Host = reader.Text("host") ?? "*",
            As = reader.Text("as"),
            Expose = reader.Word("expose", "lan", "everywhere") == "everywhere" ? Exposure.Everywhere : Exposure.Lan,
        };
        reader.Done();
        if (reader.Node("type") is null && reader.Node("instance") is null && reader.Node("host") is null)
        {
            reader.Problems.Add(reader.Map, "does not say which services, so that it would take every one that anybody in the LAN announces", "say type: _http._tcp, instance: \"Printer*\" or host: printer.local; instance: \"*\" is everything");
            return null;
        }

        if (rule.As is { } name && (!HostName.IsLabel(name) || name != name.ToLowerInvariant()))
        {
            reader.Problems.Add(reader.Node("as")!, $"\"{name}\" is not a name for a service", "one label of small letters, digits and hyphens");
            return null;
        }

        return type is null || IsType(type, reader.Node("type")!, reader.Problems) ? rule : null;
    }

    private static bool IsType(string text, Node at, ProblemList problems)
    {
        if (text.ToLowerInvariant() is "_http._tcp" or "_https._tcp")
        {
            return true;
        }

        problems.Add(at, $"\"{text}\" is not a type that the gateway forwards", "_http._tcp or _https._tcp; others can be looked for with browse, and declared as streams by hand");
        return false;
    }
}
