using System.Text;
using Microsoft.Net.Http.Headers;

namespace Edge.Gateway.Straight;

/// <summary>The names of headers that answers mostly have, and of those that belong to one connection.</summary>
internal static class HeaderTexts
{
    // The framework's own strings, which its dictionaries find without comparing them.
    private static readonly string[][] Common = ByLength(
    [
        HeaderNames.AcceptRanges, HeaderNames.AccessControlAllowOrigin, HeaderNames.Age, HeaderNames.Allow, HeaderNames.CacheControl,
        HeaderNames.Connection, HeaderNames.ContentDisposition, HeaderNames.ContentEncoding, HeaderNames.ContentLanguage, HeaderNames.ContentLength,
        HeaderNames.ContentRange, HeaderNames.ContentSecurityPolicy, HeaderNames.ContentType, HeaderNames.Date, HeaderNames.ETag, HeaderNames.Expires,
        HeaderNames.KeepAlive, HeaderNames.LastModified, HeaderNames.Link, HeaderNames.Location, HeaderNames.Pragma, HeaderNames.Server,
        HeaderNames.SetCookie, HeaderNames.StrictTransportSecurity, HeaderNames.TransferEncoding, HeaderNames.Vary, HeaderNames.XContentTypeOptions,
        HeaderNames.XFrameOptions, HeaderNames.XPoweredBy,
    ]);

    // Headers of one connection (RFC 9110 section 7.6.1), and what YARP does not pass on either.
    private static readonly string[][] OfOneConnection = ByLength(
    [
        HeaderNames.Connection, HeaderNames.TransferEncoding, HeaderNames.KeepAlive, HeaderNames.Upgrade, "Proxy-Connection", "Proxy-Authenticate",
        "Proxy-Authentication-Info", "Proxy-Authorization", "Proxy-Features", "Proxy-Instruction", "Security-Scheme", "ALPN", "Close", "HTTP2-Settings", HeaderNames.TE, HeaderNames.AltSvc,
    ]);

    public static string? Find(ReadOnlySpan<byte> name)
    {
        if (name.Length < Common.Length)
        {
            foreach (var known in Common[name.Length])
            {
                if (Ascii.EqualsIgnoreCase(name, known))
                {
                    return known;
                }
            }
        }

        return null;
    }

    /// <summary>Whether it is for this connection only.</summary>
    public static bool StaysBehind(string name)
    {
        if (name.Length >= OfOneConnection.Length)
        {
            return false;
        }

        foreach (var known in OfOneConnection[name.Length])
        {
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The same of a name in bytes.</summary>
    public static bool StaysBehind(ReadOnlySpan<byte> name)
    {
        foreach (var known in name.Length < OfOneConnection.Length ? OfOneConnection[name.Length] : [])
        {
            if (Ascii.EqualsIgnoreCase(name, known))
            {
                return true;
            }
        }

        return false;
    }

    private static string[][] ByLength(string[] names) =>
        [.. Enumerable.Range(0, names.Max(name => name.Length) + 1).Select(length => names.Where(name => name.Length == length).ToArray())];
}
