using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Gateway;

/// <summary>
/// Path and query as the client wrote them. Decoded and written anew, a path is another one where it has an encoded slash or
/// percent sign (RFC 3986 section 2.2), so it goes on as it came, unless it could lead past what was asked of it here.
/// </summary>
internal static class RawTarget
{
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    // Visible ASCII but the fragment's sign and the backslash, which some take for a slash.
    private static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(0x21, 0x5E).Select(code => (char)code).Except(['#', '\\'])]);

    /// <summary>Null where it has to be written anew: it is no path, or has segments that go up, openly or encoded.</summary>
    public static string? Of(HttpContext context)
    {
        var raw = context.Features.Find<IHttpRequestFeature>()?.RawTarget;
        if (raw is null || raw.Length == 0 || raw[0] != '/' || context.Request.PathBase.HasValue || raw.AsSpan().ContainsAnyExcept(Plain))
        {
            return null;
        }

        var end = raw.IndexOf('?');
        return GoesUp(raw.AsSpan(0, end < 0 ? raw.Length : end)) ? null : raw;
    }

    /// <summary>The same behind the URL of a destination.</summary>
    public static Uri Behind(string destination, string raw) => new(string.Concat(destination.AsSpan().TrimEnd('/'), raw), AsItIs);

    // Whether a segment is "." or ".." for somebody who decodes everything, twice.
    private static bool GoesUp(ReadOnlySpan<char> path)
    {
        if (!path.Contains('.') && !path.Contains('%'))
        {
            return false;
        }

        var (dots, others) = (0, false);
        for (var i = 0; i < path.Length; i++)
        {
            var sign = Decoded(path, ref i);
            if (sign is '/' or '\\')
            {
                if (dots is 1 or 2 && !others)
                {
                    return true;
                }

                (dots, others) = (0, false);
            }
            else if (sign == '.')
            {
                dots++;
            }
            else
            {
                others = true;
            }
        }

        return dots is 1 or 2 && !others;
    }

    // "%252e" is "%2e" to who decodes once, and a dot to who decodes twice.
    private static char Decoded(ReadOnlySpan<char> path, ref int at)
    {
        var sign = path[at];
        while (sign == '%' && at + 2 < path.Length && byte.TryParse(path.Slice(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            (sign, at) = ((char)code, at + 2);
        }

        return sign;
    }
}
