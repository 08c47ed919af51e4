using System.Buffers;

namespace Edge.Gateway;

/// <summary>
/// How the most lenient of programs reads a path: everything that is encoded is decoded, backslashes are slashes, many are one, parameters of
/// segments (RFC 3986 section 3.3) are not there, and dots go up. Two programs that read a path as two take no way around a
/// guard, see docs/decisions/0054-two-readings.md.
/// </summary>
internal static class PathReading
{
    private static readonly SearchValues<char> Doubtful = SearchValues.Create("%;\\");

    /// <summary>The path as it may be read; null for one that everybody reads as it stands.</summary>
    /// <param name="path">The path as the web server has it: decoded but for slashes, without dots that go up.</param>
    /// <param name="isAstray">It leads elsewhere than where it seems to be, or nobody can say where: no route takes it.</param>
    public static string? Of(string path, out bool isAstray)
    {
        isAstray = false;
        if (!path.AsSpan().ContainsAny(Doubtful) && !path.Contains("//", StringComparison.Ordinal))
        {
            return null;
        }

        var (segments, last) = (new List<string>(), "");
        foreach (var segment in Decoded(path).Split('/'))
        {
            last = segment.Split(';', 2)[0];
            isAstray |= last == "..";
            if (last is not ("" or "." or ".."))
            {
                segments.Add(last);
            }
        }

        isAstray |= HidesSlash(path);
        var read = "/" + string.Join('/', segments) + (segments.Count > 0 && last is "" or "." ? "/" : "");
        return read == path && !isAstray ? null : read;
    }

    /// <summary>
    /// Of the routes that a path leads to as it stands and as it may be read the one with the guards of both; null when neither
    /// has them. The service behind it may read the path either way.
    /// </summary>
    public static RouteEntry? Choose(RouteEntry? standing, RouteEntry? read) => (standing, read) switch
    {
        (null, _) => read,
        (_, null) => standing,
        _ => Guards(read, standing) ? read : Guards(standing, read) ? standing : null,
    };

    // Who passes the one may have what is behind the other.
    private static bool Guards(RouteEntry one, RouteEntry other) => one == other
        || ((other.Access is null || other.Access.Equals(one.Access)) && (other.Answer is null || one.Answer is not null));

    // "/a;b%2Fc": for who takes parameters off first this is "/a", for who decodes first "/a/c".
    private static bool HidesSlash(string path)
    {
        foreach (var segment in path.Split('/'))
        {
            if (segment.IndexOf(';') is >= 0 and var at && Decoded(segment[at..]).Contains('/'))
            {
                return true;
            }
        }

        return false;
    }

    // Some decode twice. Each turn makes it shorter.
    private static string Decoded(string path)
    {
        for (var decoded = Uri.UnescapeDataString(path); decoded != path; decoded = Uri.UnescapeDataString(path))
        {
            path = decoded;
        }

        return path.Replace('\\', '/');
    }
}
