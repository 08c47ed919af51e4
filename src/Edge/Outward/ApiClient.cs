using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Edge.Outward;

/// <summary>Asks HTTP APIs of providers; their refusals become results.</summary>
/// <param name="http">The connections.</param>
/// <param name="scheme">How the token is shown.</param>
internal sealed class ApiClient(HttpClient http, string scheme)
{
    private const int MostBytes = 4 << 20;
    private const int MostReason = 300;

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>Connections that follow no redirect, which would carry a password elsewhere.</summary>
    public static HttpClient Create(string userAgent)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5), ActivityHeadersPropagator = null })
        {
            Timeout = TimeSpan.FromSeconds(30),
            MaxResponseContentBufferSize = MostBytes,
        };
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", userAgent);
        return client;
    }

    /// <summary>How long the other side wants to be left alone; null when it did not say.</summary>
    public static TimeSpan? After(HttpResponseMessage answer) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta < LongestWait ? delta : LongestWait,
        { Date: { } date } when answer.Headers.Date is { } sent => date - sent < LongestWait ? date - sent : LongestWait,
        _ => null,
    };

    /// <summary>Asks; what is no success is a result.</summary>
    /// <param name="method">The method.</param>
    /// <param name="url">Where.</param>
    /// <param name="token">The secret.</param>
    /// <param name="body">JSON; empty for none.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<(JsonDocument? Body, PushResult? Failure)> AskAsync(HttpMethod method, Uri url, string token, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, url);
        request.Headers.Authorization = new AuthenticationHeaderValue(scheme, token);
        if (!body.IsEmpty)
        {
            request.Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        using var answer = await http.SendAsync(request, cancel);
        var text = await answer.Content.ReadAsByteArrayAsync(cancel);
        if (answer.IsSuccessStatusCode)
        {
            return (JsonDocument.Parse(text.Length == 0 ? "null"u8.ToArray() : text), null);
        }

        var why = $"{url.Host} answered {(int)answer.StatusCode}: {Readable(System.Text.Encoding.UTF8.GetString(text))}";
        return (null, answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => PushResult.Refused(why),
            _ => PushResult.Failed(why, After(answer)),
        });
    }

    private static string Readable(string text) => new([.. text.Take(MostReason).Select(letter => char.IsControl(letter) ? ' ' : letter)]);
}
