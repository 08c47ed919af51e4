using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Edge.Access.Oidc;

/// <summary>The cookies of logins: for every host of the domain, over HTTPS only, out of the reach of scripts, and of no business of the services.</summary>
internal static class LoginCookies
{
    // Browsers take the prefix only with Secure (RFC 6265bis section 4.1.3.1).
    public const string Prefix = "__Secure-edge-";
    public const string Session = Prefix + "session";

    /// <summary>The beginning of those that bind a login to the browser where it was begun.</summary>
    public const string Browser = Prefix + "login-";

    /// <summary>What a browser keeps for certain (RFC 6265 section 6.1), name and attributes included.</summary>
    public const int MostCharacters = 3900;

    /// <summary>So many logins of one browser may be under way.</summary>
    public const int MostLogins = 8;

    /// <summary>Those of logins that are to go for another one to begin: browsers send the oldest first (RFC 6265 section 5.4).</summary>
    public static IEnumerable<string> TooMany(HttpRequest request)
    {
        var logins = request.Cookies.Keys.Where(static name => name.StartsWith(Browser, StringComparison.Ordinal)).ToList();
        return logins.Take(Math.Max(0, logins.Count - MostLogins + 1));
    }

    public static void Set(HttpContext context, string name, string value, string domain, TimeSpan life) =>
        OwnCookies.Add(context, $"{name}={value}; Domain={domain}; Path=/; Max-Age={(long)life.TotalSeconds}; Secure; HttpOnly; SameSite=Lax");

    /// <summary>Ends one.</summary>
    public static void Remove(HttpContext context, string name, string domain) => Set(context, name, "", domain, TimeSpan.Zero);

    /// <summary>Takes them out of a request before a service sees it.</summary>
    public static void Hide(HttpRequest request)
    {
        var said = request.Headers.Cookie;
        if (Without(said) is var rest && rest == said)
        {
            return;
        }

        if (rest.Count == 0)
        {
            request.Headers.Remove(HeaderNames.Cookie);
        }
        else
        {
            request.Headers.Cookie = rest;
        }
    }

    /// <summary>The lines of a Cookie header without them: as they were where there are none, else as one.</summary>
    public static StringValues Without(StringValues lines)
    {
        if (!lines.Any(static line => line?.Contains(Prefix, StringComparison.OrdinalIgnoreCase) is true))
        {
            return lines;
        }

        // A browser sends one line, but a client may send several (RFC 9113 section 8.2.3): each is a list by itself.
        var rest = string.Join("; ", lines.SelectMany(static line => (line ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Where(static cookie => !IsOurs(cookie)));
        return rest.Length == 0 ? StringValues.Empty : rest;
    }

    /// <summary>Whether a cookie, or what a Set-Cookie header says, is one of them. The web server does not look at the case of names, and a browser sends one without a name as its value alone.</summary>
    public static bool IsOurs(ReadOnlySpan<char> cookie) => cookie.TrimStart("= \t").StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>The same in bytes.</summary>
    public static bool IsOurs(ReadOnlySpan<byte> cookie) =>
        cookie.TrimStart("= \t"u8) is var named && named.Length >= Prefix.Length && Ascii.EqualsIgnoreCase(named[..Prefix.Length], Prefix);
}
