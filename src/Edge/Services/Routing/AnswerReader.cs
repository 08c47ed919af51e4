using Edge.Settings;

namespace Edge.Services.Routing;

/// <summary>Reads what the gateway answers itself: <c>redirect</c>, <c>respond</c>, <c>files</c>, <c>maintenance</c>.</summary>
internal static class AnswerReader
{
    private const int LongestText = 64 << 10;

    /// <summary>The keys that end a request here.</summary>
    public static readonly string[] Keys = ["redirect", "respond", "files", "maintenance"];

    private static readonly string[] Redirects = ["301", "302", "307", "308"];

    /// <summary>The answer; null when requests are forwarded.</summary>
    public static RouteAnswer? Read(MapReader reader, bool mayNameFiles)
    {
        RouteAnswer?[] answers = [Redirect(reader), Respond(reader), TrafficReader.FileOf(reader, "files", mayNameFiles) is { } folder ? new FilesAnswer(folder) : null];
        if (answers.Any(answer => answer is not null) && reader.Items("to").Count > 0)
        {
            reader.Problems.Add(reader.Map.Find("to")!, "is never asked, because the gateway answers itself here", "leave it out, or put the answer into a route of routes");
        }

        if (answers.Count(answer => answer is not null) > 1)
        {
            reader.Problems.Add(reader.Map, "says two answers", "leave one of redirect, respond and files");
        }

        return answers.FirstOrDefault(answer => answer is not null);
    }

    /// <summary>The words or the page of a service that is closed; null when it is open.</summary>
    public static MaintenanceAnswer? Maintenance(MapReader reader, bool mayNameFiles)
    {
        switch (reader.Node("maintenance"))
        {
            case null or ScalarNode { Value: "false" }:
                return null;
            case ScalarNode { Value: { } text }:
                return new MaintenanceAnswer(text == "true" ? null : text, null);
            case MapNode map:
                var section = new MapReader(map, reader.Problems);
                var file = TrafficReader.FileOf(section, "file", mayNameFiles);
                section.Done();
                return new MaintenanceAnswer(null, file);
            case var other:
                reader.Problems.Add(other, $"is {other.Kind}; true, a text, or {{ file: /etc/edge/closed.html }} is needed here");
                return null;
        }
    }

    // "https://example.com", or a mapping with more.
    private static RedirectAnswer? Redirect(MapReader reader)
    {
        switch (reader.Node("redirect"))
        {
            case null:
                return null;
            case ScalarNode { Value: { } text } node:
                return Target(node, text, reader.Problems) is { } whole ? new RedirectAnswer(StatusCodes.Status308PermanentRedirect, whole, true, null) : null;
            case MapNode map:
                return RedirectOf(new MapReader(map, reader.Problems));
            case var other:
                reader.Problems.Add(other, $"is {other.Kind}; a URL, or a mapping with to or match, is needed here");
                return null;
        }
    }

    private static RedirectAnswer? RedirectOf(MapReader section)
    {
        var status = section.Word("status", Redirects);
        var to = section.Text("to") is { } text ? Target(section.Map.Find("to")!, text, section.Problems) : null;
        var path = section.Word("path", "keep", "drop");
        var replace = RewriteReader.Replacement(section, "replace-path");
        section.Done();
        if (section.Map.Find("to") is null && replace is null)
        {
            section.Problems.Add(section.Map, "leads nowhere", "say to: https://example.com, or replace-path");
            return null;
        }

        return new RedirectAnswer(status is null ? StatusCodes.Status308PermanentRedirect : int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), to, path != "drop", replace);
    }

    private static Uri? Target(Node node, string text, ProblemList problems)
    {
        var absolute = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
        if (!text.Any(letter => char.IsControl(letter) || char.IsWhiteSpace(letter)) && text.Length <= 2048
            && Uri.TryCreate(absolute, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { Host.Length: > 0, UserInfo: "" })
        {
            return uri;
        }

        problems.Add(node, $"\"{text}\" is not a URL or a host", "such as https://www.example.com");
        return null;
    }

    private static FixedAnswer? Respond(MapReader reader)
    {
        switch (reader.Node("respond"))
        {
            case null:
                return null;
            case ScalarNode { Value: { } text }:
                return new FixedAnswer(StatusCodes.Status200OK, "text/plain; charset=utf-8", text);
            case MapNode map:
                var section = new MapReader(map, reader.Problems);
                var status = section.Number("status", 200, 599);
                var type = section.Text("type");
                var body = section.Text("text");
                section.Done();
                if (type is not null && !System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(type, out _))
                {
                    reader.Problems.Add(map.Find("type")!, $"\"{type}\" is not a media type", "such as text/html");
                }

                if (body?.Length > LongestText)
                {
                    reader.Problems.Add(map.Find("text")!, $"is longer than {LongestText >> 10} KiB", "put it into a file and say files");
                }

                return new FixedAnswer(status ?? StatusCodes.Status200OK, type ?? "text/plain; charset=utf-8", body ?? "");
            case var other:
                reader.Problems.Add(other, $"is {other.Kind}; a text, or a mapping with status, type and text, is needed here");
                return null;
        }
    }
}
