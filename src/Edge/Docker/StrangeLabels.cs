namespace Edge.Docker;

/// <summary>What people write into labels who know other gateways, and what is said here instead.</summary>
internal static class StrangeLabels
{
    private static readonly Dictionary<string, Func<string, string>> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["enable"] = static at => $"leave it out: a container with any label of edge. is served, and one without is not; {at}to=8080 or {at}expose=lan is enough",
        ["port"] = static at => $"say {at}to=8080",
        ["domain"] = static at => $"say {at}host=photos.example.com",
        ["hostname"] = static at => $"say {at}host=photos.example.com",
        ["rule"] = static at => $"say {at}host=photos.example.com, and {at}path=/api/* for a part of it",
        ["url"] = static at => $"say {at}to=http://:8080 for the container, {at}host=photos.example.com for its name",
        ["upstream"] = static at => $"say {at}to=8080",
        ["ports"] = static at => $"say {at}to=8080",
        ["hosts"] = static at => $"say {at}host=[a.example.com, b.example.com]",
        ["public"] = static at => $"say {at}expose=everywhere or {at}expose=lan",
    };

    /// <summary>What to do instead; null for a key that is nothing of the kind.</summary>
    /// <param name="key">The key.</param>
    /// <param name="label">The whole label: "edge.web.port".</param>
    public static string? Hint(string key, string label) => Known.TryGetValue(key, out var hint) ? hint(label[..(label.LastIndexOf('.') + 1)]) : null;
}
