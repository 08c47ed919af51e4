using System.Net;
using Edge.Access.Oidc;
using Edge.Services;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Edge.Access;

/// <summary>
/// Asks another server whether a request may pass, in the manner of Authelia and Authentik: its 2xx lets it pass and says
/// who the client is, whatever else it answers goes to the client, and when it does not answer nobody passes.
/// </summary>
internal sealed partial class ForwardAuth(AccessSetup setup) : IDisposable
{
    private const int MostBody = 256 << 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // What belongs to the connection (RFC 9110 section 7.6.1), to the body, or is said by this gateway.
    private static readonly HashSet<string> NotCopied = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "Content-Length", "Content-Type", "Content-Encoding", "Expect", "Host", "Forwarded", "X-Real-IP", "Alt-Svc", "Server", "Date",
    };

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = 64,
    });

    /// <summary>Null when the request may pass, and the client's <see cref="Identity"/> is known then.</summary>
    /// <param name="context">The request.</param>
    /// <param name="options">Who is asked; null when nobody was set.</param>
    /// <param name="hidesCookies">The cookies of logins are not that server's, to see or to set.</param>
    public async ValueTask<AccessRefusal?> CheckAsync(HttpContext context, ForwardAuthOptions? options, bool hidesCookies)
    {
        if (options is null)
        {
            Log.NobodyToAsk(setup.Log, context.Request.Headers.Host.ToString());
            return Down;
        }

        using var patience = new CancellationTokenSource(Patience, setup.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.RequestAborted);
        try
        {
            using var question = Question(context, options.Url, hidesCookies);
            using var answer = await _client.SendAsync(question, either.Token);
            return await TakeAsync(context, options, answer, hidesCookies, either.Token);
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or OperationCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            Log.Failed(setup.Log, options.Url, failed is OperationCanceledException ? $"no answer within {Patience.TotalSeconds:0} seconds" : failed.Message);
            return Down;
        }
    }

    public void Dispose() => _client.Dispose();

    private static AccessRefusal Down => new(StatusCodes.Status503ServiceUnavailable, "Nobody can log in at the moment", "The server that knows who may use this service does not answer. Until it does, nobody is let in.");

    private HttpRequestMessage Question(HttpContext context, Uri url, bool hidesCookies)
    {
        var request = context.Request;
        var question = new HttpRequestMessage(HttpMethod.Get, url) { Version = HttpVersion.Version11 };
        foreach (var (name, values) in request.Headers)
        {
            if (name[0] != ':' && !NotCopied.Contains(name) && !name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) && !IdentityHeaders.IsIdentity(name))
            {
                var said = hidesCookies && name.Equals(HeaderNames.Cookie, StringComparison.OrdinalIgnoreCase) ? LoginCookies.Without(values) : values;
                question.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)said);
            }
        }

        var host = request.Headers.Host.ToString();
        var (uri, method) = (setup.Target(context), setup.Method(request));
        Set(question, "X-Forwarded-Method", method);
        Set(question, "X-Forwarded-Proto", request.Scheme);
        Set(question, "X-Forwarded-Host", host);
        Set(question, "X-Forwarded-Uri", uri);
        Set(question, "X-Forwarded-For", AccessControl.ClientOf(context).ToString());
        Set(question, "X-Original-Method", method);
        Set(question, "X-Original-URL", $"{request.Scheme}://{host}{uri}");
        // A question that comes back here is known, and goes no further.
        question.Headers.TryAddWithoutValidation(setup.LoopMark.Key, setup.LoopMark.Value);
        return question;
    }

    private static void Set(HttpRequestMessage question, string name, string value)
    {
        question.Headers.Remove(name);
        question.Headers.TryAddWithoutValidation(name, value);
    }

    private async Task<AccessRefusal?> TakeAsync(HttpContext context, ForwardAuthOptions options, HttpResponseMessage answer, bool hidesCookies, CancellationToken cancel)
    {
        var status = (int)answer.StatusCode;
        if (status is >= 200 and < 300)
        {
            new Identity([.. answer.Headers.NonValidated.Where(header => options.Passes(header.Key)).Select(header => KeyValuePair.Create(header.Key, header.Value.ToString()))]).Attach(context);
            // A session that goes on: what the server says of it belongs to the client.
            foreach (var cookie in Cookies(answer).Where(cookie => !hidesCookies || !LoginCookies.IsOurs(cookie)))
            {
                OwnCookies.Add(context, cookie);
            }

            return null;
        }

        if (status >= 500 || status < 300)
        {
            Log.Failed(setup.Log, options.Url, $"it answered {status}");
            return Down;
        }

        await PassOnAsync(context, answer, hidesCookies, cancel);
        return AccessRefusal.Answered;
    }

    private static IEnumerable<string> Cookies(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues(HeaderNames.SetCookie, out var cookies) ? cookies : [];

    // The way to the login, or the refusal.
    private static async Task PassOnAsync(HttpContext context, HttpResponseMessage answer, bool hidesCookies, CancellationToken cancel)
    {
        // What is longer fails here, before the client has seen anything of it: half a page would be none.
        await answer.Content.LoadIntoBufferAsync(MostBody, cancel);
        var body = await answer.Content.ReadAsByteArrayAsync(cancel);
        var response = context.Response;
        response.StatusCode = (int)answer.StatusCode;
        foreach (var header in answer.Headers.NonValidated)
        {
            if (!NotCopied.Contains(header.Key))
            {
                var areCookies = header.Key.Equals(HeaderNames.SetCookie, StringComparison.OrdinalIgnoreCase);
                foreach (var value in header.Value.Where(value => !areCookies || !hidesCookies || !LoginCookies.IsOurs(value)))
                {
                    response.Headers.Append(header.Key, value);
                }
            }
        }

        foreach (var name in (ReadOnlySpan<string>)["Content-Type", "Content-Encoding"])
        {
            if (answer.Content.Headers.NonValidated.TryGetValues(name, out var value))
            {
                response.Headers[name] = value.ToString();
            }
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            response.ContentLength = body.Length;
            await response.Body.WriteAsync(body, cancel);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5220, LogLevel.Error, "access.forward: {Url} cannot be asked, and nobody is let in: {Reason}")]
        public static partial void Failed(ILogger log, Uri url, string reason);

        [LoggerMessage(5221, LogLevel.Error, "{Host} wants auth: forward, but edge.yaml names no server under access.forward; nobody is let in")]
        public static partial void NobodyToAsk(ILogger log, string host);
    }
}
