using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Edge.Access.Oidc;

/// <summary>The cookies of logins: for every host of the domain, over HTTPS only, out of the reach of scripts, and of no business of the services.</summary>
internal static class LoginCookies
{
    // Browsers take the prefix only with Secure (RFC 6265bis section 4.1.3.1).
    public const string Prefix = "__Secure-edge-";
    public const string Session = Prefix + "session";
    public const string Browser = Prefix + "login";

    /// <summary>What a browser keeps for certain (RFC 6265 section 6.1), name and attributes included.</summary>
    public const int MostCharacters = 3900;

    public static void Set(HttpResponse response, string name, string value, string domain, TimeSpan life) =>
        response.Headers.Append(HeaderNames.SetCookie, Text(name, value, domain, life));

    public static void Remove(HttpResponse response, string name, string domain) => response.Headers.Append(HeaderNames.SetCookie, Removal(name, domain));

    /// <summary>The header that ends a cookie.</summary>
    public static string Removal(string name, string domain) => Text(name, "", domain, TimeSpan.Zero);

    /// <summary>Takes them out of a request before a service sees it.</summary>
    public static void Hide(HttpRequest request)
    {
        var said = request.Headers.Cookie.ToString();
        if (!said.Contains(Prefix, StringComparison.Ordinal))
        {
            return;
        }

        var rest = string.Join("; ", said.Split(';', StringSplitOptions.TrimEntries).Where(cookie => !cookie.StartsWith(Prefix, StringComparison.Ordinal)));
        if (rest.Length == 0)
        {
            request.Headers.Remove(HeaderNames.Cookie);
        }
        else
        {
            request.Headers.Cookie = rest;
        }
    }

    private static string Text(string name, string value, string domain, TimeSpan life) =>
        $"{name}={value}; Domain={domain}; Path=/; Max-Age={(long)life.TotalSeconds}; Secure; HttpOnly; SameSite=Lax";
}
