using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

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
        return raw is not null && !context.Request.PathBase.HasValue && MayGoOn(raw) ? raw : null;
    }

    /// <summary>Whether it is a path that stays where it seems to be, so that it may go on as it was written.</summary>
    public static bool MayGoOn(string raw)
    {
        if (raw.Length == 0 || raw[0] != '/' || raw.AsSpan().ContainsAnyExcept(Plain))
        {
            return false;
        }

        var end = raw.IndexOf('?');
        return !GoesUp(raw.AsSpan(0, end < 0 ? raw.Length : end));
    }

    /// <summary>Path and query as they go on: as the client wrote them, or written anew.</summary>
    public static string GoesOn(HttpContext context) =>
        Of(context) ?? RequestUtilities.MakeDestinationAddress("http://h", context.Request.PathBase + context.Request.Path, context.Request.QueryString).PathAndQuery;

    /// <summary>The same behind the URL of a destination.</summary>
    public static Uri Behind(string destination, string raw) => new(string.Concat(destination.AsSpan().TrimEnd('/'), raw), AsItIs);

    /// <summary>
    /// Where a path leads that a route has changed. The segments at its end that the route left alone go on as they were written;
    /// what is before them is written anew.
    /// </summary>
    public static Uri Changed(HttpContext context, string destination, PathString changed, QueryString query)
    {
        var path = context.Request.Path.Value ?? "";
        if (Of(context) is not { } raw || !changed.HasValue)
        {
            return RequestUtilities.MakeDestinationAddress(destination, changed, query);
        }

        var end = raw.IndexOf('?');
        var written = end < 0 ? raw : raw[..end];
        var same = Same(path, changed.Value, written);
        var head = changed.Value[..^same.Decoded];
        var said = query.Value == context.Request.QueryString.Value ? raw[written.Length..] : query.ToUriComponent();
        return Behind(destination, string.Concat(head.Length == 0 ? "" : Encoded(head, written), written.AsSpan(written.Length - same.Written), said));
    }

    // How much of the end is whole segments that both have. No sign that is decoded is a slash: they can be counted.
    private static (int Decoded, int Written) Same(string path, string changed, string written)
    {
        var most = Math.Min(path.Length, changed.Length);
        var length = 0;
        while (length < most && path[^(length + 1)] == changed[^(length + 1)])
        {
            length++;
        }

        var begin = path.IndexOf('/', path.Length - length);
        if (begin < 0 || path.AsSpan().Count('/') != written.AsSpan().Count('/'))
        {
            return (0, 0);
        }

        var at = written.Length;
        for (var slashes = path.AsSpan(begin).Count('/'); slashes > 0; slashes--)
        {
            at = written.LastIndexOf('/', at - 1);
        }

        return (path.Length - begin, written.Length - at);
    }

    // An encoded slash stays one in the decoded path, where "%252F" looks the same: if there is none of those, it is known which it was.
    private static string Encoded(string head, string written)
    {
        // A text in the place of a path would be decoded once more.
        var encoded = RequestUtilities.MakeDestinationAddress("http://h", new PathString(head), QueryString.Empty).AbsolutePath;
        return written.Contains("%25", StringComparison.Ordinal) ? encoded : encoded.Replace("%252F", "%2F", StringComparison.Ordinal).Replace("%252f", "%2f", StringComparison.Ordinal);
    }

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
