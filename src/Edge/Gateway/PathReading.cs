using System.Buffers;

namespace Edge.Gateway;

/// <summary>
/// How programs read a path: some take parameters off its segments (RFC 3986 section 3.3), before they decode or behind it, some decode
/// what is encoded, once more than others, and some take many slashes for one. Two that read a path as two take no way around a guard, see
/// docs/decisions/0054-two-readings.md.
/// </summary>
internal static class PathReading
{
    // Who encodes more often than that means no program that there is.
    private const int MostTurns = 3;

    private static readonly SearchValues<char> Doubtful = SearchValues.Create("%;\\");

    /// <summary>The ways in which the path may be read besides as it stands, the most lenient one first; null for one that everybody reads as it stands.</summary>
    /// <param name="path">The path as the web server has it: decoded but for slashes, without dots that go up.</param>
    /// <param name="isAstray">It leads elsewhere than where it seems to be: no route by path takes it.</param>
    public static List<string>? Of(string path, out bool isAstray)
    {
        isAstray = false;
        if (!path.AsSpan().ContainsAny(Doubtful) && !path.Contains("//", StringComparison.Ordinal))
        {
            return null;
        }

        var bare = WithoutParameters(path);
        var (decoded, bareDecoded) = (Decoded(path, ref isAstray), Decoded(bare, ref isAstray));
        var readings = new List<string>();
        foreach (var text in (ReadOnlySpan<string>)[WithoutParameters(bareDecoded), WithoutParameters(decoded), bareDecoded, decoded, bare, path])
        {
            Add(readings, path, Plain(text, mergesSlashes: true, ref isAstray));
            Add(readings, path, Plain(text, mergesSlashes: false, ref isAstray));
        }

        return readings;
    }

    /// <summary>A pattern as the most lenient program reads it.</summary>
    public static string OfPattern(string pattern) => Of(pattern, out _) is [var lenient, ..] ? lenient : pattern;

    /// <summary>
    /// Of the routes that a path leads to, as it may be read and last as it stands, the first one with the guards of all others; null when none
    /// has them. The service behind it may read the path in each of these ways.
    /// </summary>
    public static RouteEntry? Choose(ReadOnlySpan<RouteEntry?> found)
    {
        foreach (var one in found)
        {
            if (one is not null && GuardsAll(one, found))
            {
                return one;
            }
        }

        return null;
    }

    private static bool GuardsAll(RouteEntry one, ReadOnlySpan<RouteEntry?> found)
    {
        foreach (var other in found)
        {
            if (other is not null && !Guards(one, other))
            {
                return false;
            }
        }

        return true;
    }

    // Who passes the one may have what is behind the other.
    private static bool Guards(RouteEntry one, RouteEntry other) => one == other
        || ((other.Access is null || other.Access.Equals(one.Access)) && (other.Answer is null || one.Answer is not null));

    private static void Add(List<string> readings, string path, string reading)
    {
        if (reading != path && !readings.Contains(reading))
        {
            readings.Add(reading);
        }
    }

    private static string Plain(string text, bool mergesSlashes, ref bool isAstray)
    {
        var segments = text.Split('/');
        isAstray |= segments.Contains("..");
        var kept = segments.Skip(1).Where(segment => segment != "." && !(mergesSlashes && segment.Length == 0)).ToList();
        // What ends with a slash, or with a dot behind one, ends with a slash after all.
        var end = kept is [.., { Length: > 0 }] && segments[^1] is "" or "." ? "/" : "";
        return "/" + string.Join('/', kept) + end;
    }

    private static string WithoutParameters(string path) => !path.Contains(';') ? path
        : string.Join('/', path.Split('/').Select(segment => segment.IndexOf(';') is >= 0 and var at ? segment[..at] : segment));

    private static string Decoded(string path, ref bool isAstray)
    {
        var decoded = path;
        for (var turn = 0; turn < MostTurns; turn++)
        {
            var before = decoded;
            if ((decoded = Uri.UnescapeDataString(before)) == before)
            {
                return decoded.Replace('\\', '/');
            }
        }

        isAstray |= Uri.UnescapeDataString(decoded) != decoded;
        return decoded.Replace('\\', '/');
    }
}
