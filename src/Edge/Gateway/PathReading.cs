using System.Buffers;

namespace Edge.Gateway;

/// <summary>
/// How the most lenient of programs reads a path: encoded slashes and backslashes are slashes, many are one, parameters of
/// segments (RFC 3986 section 3.3) are not there, and dots go up. Two programs that read a path as two take no way around a
/// guard, see docs/decisions/0054-two-readings.md.
/// </summary>
internal static class PathReading
{
    private static readonly SearchValues<char> Doubtful = SearchValues.Create("%;\\");

    /// <summary>The path as it may be read; null for one that everybody reads as it stands.</summary>
    /// <param name="path">The path as the web server has it: decoded but for slashes, without dots that go up.</param>
    /// <param name="goesUp">It leads elsewhere than where it seems to be.</param>
    public static string? Of(string path, out bool goesUp)
    {
        goesUp = false;
        if (!path.AsSpan().ContainsAny(Doubtful) && !path.Contains("//", StringComparison.Ordinal))
        {
            return null;
        }

        var (segments, last) = (new List<string>(), "");
        foreach (var segment in Decoded(path).Split('/'))
        {
            last = segment.Split(';', 2)[0];
            goesUp |= last == "..";
            if (last == ".." && segments.Count > 0)
            {
                segments.RemoveAt(segments.Count - 1);
            }
            else if (last is not ("" or "." or ".."))
            {
                segments.Add(last);
            }
        }

        var read = "/" + string.Join('/', segments) + (segments.Count > 0 && last is "" or "." or ".." ? "/" : "");
        return read == path ? null : read;
    }

    /// <summary>
    /// Of the routes that a path leads to as it stands and as it may be read the one with the guards of both; null when neither
    /// has them. The service behind it may read the path either way.
    /// </summary>
    public static RouteEntry? Choose(RouteEntry? standing, RouteEntry? read, bool goesUp) => (standing, read) switch
    {
        (null, _) => read,
        (_, null) => goesUp ? null : standing,
        _ => Guards(read, standing) ? read : Guards(standing, read) ? standing : null,
    };

    // Who passes the one may have what is behind the other.
    private static bool Guards(RouteEntry one, RouteEntry other) => one == other
        || ((other.Access is null || other.Access.Equals(one.Access)) && (other.Answer is null || one.Answer is not null));

    private static string Decoded(string path) => path
        .Replace("%2f", "/", StringComparison.OrdinalIgnoreCase)
        .Replace("%5c", "/", StringComparison.OrdinalIgnoreCase)
        .Replace("%2e", ".", StringComparison.OrdinalIgnoreCase)
        .Replace('\\', '/');
}
