using System.Net;
using System.Text;

namespace Edge.Tests.Outward;

/// <summary>A provider in memory: answers what it is told, and keeps what it was asked.</summary>
internal sealed class FakeProvider(Func<HttpRequestMessage, string, (HttpStatusCode Status, string Body)> answer) : HttpMessageHandler
{
    /// <summary>"METHOD URL" of each request.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>The header Authorization of each.</summary>
    public List<string> Authorizations { get; } = [];

    /// <summary>Sent along with answers that are no success.</summary>
    public TimeSpan? RetryAfter { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        Requests.Add($"{request.Method} {request.RequestUri}");
        Authorizations.Add($"{request.Headers.Authorization}");
        var (status, body) = answer(request, request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancel));
        var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (RetryAfter is { } after)
        {
            response.Headers.RetryAfter = new(after);
        }

        return response;
    }
}
