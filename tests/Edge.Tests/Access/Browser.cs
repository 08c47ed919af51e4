using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace Edge.Tests.Access;

/// <summary>What a browser does with a login: follows redirects, keeps cookies, fills in forms.</summary>
/// <param name="handler">Where connections go.</param>
internal sealed class Browser(HttpMessageHandler handler) : IDisposable
{
    private const int MostSteps = 20;

    private readonly HttpClient _client = new(handler);

    /// <summary>Its cookies.</summary>
    public CookieContainer Cookies { get; } = new();

    /// <summary>Every address it was sent to.</summary>
    public List<Uri> Visited { get; } = [];

    /// <summary>Asks for a page, through any redirects and the provider's forms, to the answer.</summary>
    public async Task<(Uri At, HttpStatusCode Status, string Body)> OpenAsync(string url, string user = "anna")
    {
        var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, url));
        for (var step = 0; step < MostSteps; step++)
        {
            using var current = answer;
            var at = current.RequestMessage!.RequestUri!;
            if (current.Headers.Location is { } location && (int)current.StatusCode is >= 300 and < 400)
            {
                answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(at, location)));
                continue;
            }

            var body = await current.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (Regex.Match(body, "<form[^>]*action=\"([^\"]*)\"") is not { Success: true } form)
            {
                return (at, current.StatusCode, body);
            }

            var fields = Regex.Matches(body, "<input[^>]*type=\"hidden\"[^>]*name=\"([^\"]*)\"[^>]*value=\"([^\"]*)\"").ToDictionary(field => field.Groups[1].Value, field => field.Groups[2].Value);
            if (body.Contains("name=\"login\"", StringComparison.Ordinal))
            {
                (fields["login"], fields["password"]) = (user, "anything");
            }

            answer = await SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(at, WebUtility.HtmlDecode(form.Groups[1].Value))) { Content = new FormUrlEncodedContent(fields) });
        }

        throw new InvalidOperationException($"a circle: {string.Join('\n', Visited)}");
    }

    /// <summary>One request, no redirect followed.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string accept = "text/html,application/xhtml+xml")
    {
        var url = request.RequestUri!;
        Visited.Add(url);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (Cookies.GetCookieHeader(url) is { Length: > 0 } cookies)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookies);
        }

        var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            Cookies.SetCookies(url, cookie);
        }

        return answer;
    }

    public void Dispose() => _client.Dispose();
}
