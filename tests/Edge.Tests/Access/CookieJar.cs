using Microsoft.AspNetCore.Http;

namespace Edge.Tests.Access;

/// <summary>A browser's cookies for one domain, and requests that carry them, the oldest first.</summary>
internal sealed class CookieJar
{
    private readonly List<(string Name, string Value)> _cookies = [];

    public IReadOnlyList<string> Names => [.. _cookies.Select(cookie => cookie.Name)];

    public string? this[string name] => _cookies.FirstOrDefault(cookie => cookie.Name == name).Value;

    /// <summary>A request for a page.</summary>
    public HttpContext Ask(string url)
    {
        var uri = new Uri(url);
        var context = new DefaultHttpContext();
        var request = context.Request;
        (request.Method, request.Scheme, request.Host, request.Path, request.QueryString) = ("GET", uri.Scheme, new HostString(uri.Authority), uri.AbsolutePath, new QueryString(uri.Query));
        request.Headers.Accept = "text/html";
        if (_cookies.Count > 0)
        {
            request.Headers.Cookie = string.Join("; ", _cookies.Select(cookie => $"{cookie.Name}={cookie.Value}"));
        }

        return context;
    }

    /// <summary>Takes what the answer sets and ends.</summary>
    public void Take(HttpContext context)
    {
        foreach (var said in context.Response.Headers.SetCookie)
        {
            var (name, value) = said!.Split(';')[0].Split('=', 2) is [var first, var second] ? (first, second) : (said, "");
            _cookies.RemoveAll(cookie => cookie.Name == name);
            if (!said.Contains("Max-Age=0;", StringComparison.Ordinal))
            {
                _cookies.Add((name, value));
            }
        }
    }
}
