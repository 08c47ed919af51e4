using System.Collections.Immutable;

namespace Edge.Acme;

/// <summary>Reads the header Link (RFC 8288 §3).</summary>
internal static class WebLink
{
    private const int Most = 16;

    /// <summary>The targets of one relation, the first few.</summary>
    public static ImmutableArray<Uri> Read(Uri url, HttpResponseMessage response, string relation) =>
        response.Headers.TryGetValues("Link", out var values)
            ? [.. values.SelectMany(value => value.Split(',')).Select(link => Target(url, link, relation)).OfType<Uri>().Take(Most)]
            : [];

    // A comma inside a target tears it apart and it is not found: no CA's URL has one.
    private static Uri? Target(Uri url, string link, string relation)
    {
        var parts = link.Split(';', StringSplitOptions.TrimEntries);
        return parts[0] is ['<', .., '>'] && parts.Skip(1).Any(part => part.Replace("\"", "", StringComparison.Ordinal).Equals("rel=" + relation, StringComparison.OrdinalIgnoreCase))
            && Uri.TryCreate(url, parts[0][1..^1], out var target) ? target : null;
    }
}
