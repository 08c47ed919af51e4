using Edge.Settings;

namespace Edge.Services.Routing;

/// <summary>Reads what becomes of a request before it is sent on, and of the answer's headers.</summary>
internal static class RewriteReader
{
    private const int MostHeaders = 50;
    private const int LongestValue = 4096;

    // They belong to the connection, or say where the message ends: changing them breaks the next request's framing.
    private static readonly string[] Untouchable = ["Connection", "Content-Length", "Host", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "CDN-Loop", "X-Request-Id"];

    public static PathChange? Path(MapReader reader)
    {
        var strip = Prefix(reader, "strip-prefix");
        var add = Prefix(reader, "add-prefix");
        var replace = Replacement(reader, "replace-path");
        return strip is null && add is null && replace is null ? null : new PathChange { Strip = strip, Add = add, Replace = replace };
    }

    /// <summary>The changes of <c>request-headers</c> or <c>response-headers</c>; null when nothing is said.</summary>
    public static ValueList<HeaderChange>? Headers(MapReader reader, string key)
    {
        if (reader.Section(key) is not { } section)
        {
            return null;
        }

        var changes = new List<HeaderChange>();
        Named(section, "set", HeaderChangeKind.Set, changes);
        Named(section, "add", HeaderChangeKind.Add, changes);
        foreach (var item in section.Items("remove"))
        {
            if (item is ScalarNode { Value: { } name } && IsFree(item, name, reader.Problems))
            {
                changes.Add(new HeaderChange(HeaderChangeKind.Remove, name, ""));
            }
            else if (item is not ScalarNode { Value: not null })
            {
                reader.Problems.Add(item, $"is {item.Kind}; the name of a header is needed here");
            }
        }

        section.Done();
        if (changes.Count > MostHeaders)
        {
            reader.Problems.Add(section.Map, $"has {changes.Count} headers; {MostHeaders} at most");
        }

        return [.. changes];
    }

    /// <summary>The host that the destination sees instead of the asked one: a name, or "destination" for its own.</summary>
    public static string? Host(MapReader reader)
    {
        if (reader.Text("to-host") is not { } text || text == "destination")
        {
            return reader.Text("to-host");
        }

        var colon = text.LastIndexOf(':');
        var isPort = colon < 0 || ushort.TryParse(text.AsSpan(colon + 1), out _);
        if (isPort && HostName.Read(colon < 0 ? text : text[..colon], out _, out _) is { } host && !host.Contains('*'))
        {
            return colon < 0 ? host : host + text[colon..];
        }

        reader.Problems.Add(reader.Map.Find("to-host")!, $"\"{text}\" is neither a host name nor \"destination\"");
        return null;
    }

    /// <summary>A replacement: <c>{ match: EXPRESSION, with: TEXT }</c>.</summary>
    public static TextReplacement? Replacement(MapReader reader, string key)
    {
        if (reader.Section(key) is not { } section)
        {
            return null;
        }

        var (match, with) = (section.Text("match"), section.Text("with"));
        section.Done();
        if (match is null || with is null)
        {
            reader.Problems.Add(section.Map, "needs both match and with", "such as { match: ^/old/(.*), with: /new/$1 }");
            return null;
        }

        if (PatternText.WrongExpression(match) is { } wrong)
        {
            reader.Problems.Add(section.Map.Find("match")!, wrong);
            return null;
        }

        if (with.Length > LongestValue || with.Any(char.IsControl))
        {
            reader.Problems.Add(section.Map.Find("with")!, "is too long, or holds a control character");
            return null;
        }

        return new TextReplacement(match, with);
    }

    private static string? Prefix(MapReader reader, string key)
    {
        if (reader.Text(key) is not { } text)
        {
            return null;
        }

        if (text.Length is > 1 and <= 1024 && text[0] == '/' && !text.EndsWith('/') && !text.AsSpan().ContainsAny("?#\\*") && !text.Any(char.IsControl) && !text.Split('/').Any(segment => segment is "." or ".."))
        {
            return text;
        }

        reader.Problems.Add(reader.Map.Find(key)!, $"\"{text}\" is not a prefix such as /api");
        return null;
    }

    private static void Named(MapReader section, string key, HeaderChangeKind kind, List<HeaderChange> changes)
    {
        if (section.Section(key) is not { } named)
        {
            return;
        }

        foreach (var (name, node) in named.Map.Entries)
        {
            if (!IsFree(node, name, section.Problems))
            {
                continue;
            }

            // RFC 9110 section 5.5: visible characters, spaces and tabs. A line break would begin a header of its own.
            if (node is ScalarNode { Value: { } value } && value.Length <= LongestValue && value.Trim().Length == value.Length && value.All(letter => letter is '\t' or (>= ' ' and <= '~')))
            {
                changes.Add(new HeaderChange(kind, name, value));
            }
            else
            {
                section.Problems.Add(node, "is not the value of a header", "one line of ASCII characters; line breaks would make headers of their own");
            }
        }
    }

    private static bool IsFree(Node node, string name, ProblemList problems)
    {
        if (!PatternText.IsToken(name))
        {
            problems.Add(node, $"\"{name}\" is not the name of a header");
            return false;
        }

        if (Untouchable.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            problems.Add(node, $"{name} cannot be changed: it belongs to the connection or to the gateway", name.Equals("Host", StringComparison.OrdinalIgnoreCase) ? "to-host sets the host" : null);
            return false;
        }

        return true;
    }
}
