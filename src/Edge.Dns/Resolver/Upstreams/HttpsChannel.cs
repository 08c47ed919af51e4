using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>DNS over HTTPS (RFC 8484) to one upstream: POST over one HTTP/2 connection.</summary>
internal sealed class HttpsChannel : IUpstreamChannel
{
    private const string MediaType = "application/dns-message";
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(2);
    private static readonly MediaTypeHeaderValue Content = new(MediaType);

    private readonly Lock _gate = new();
    private readonly UpstreamDialer _dialer;
    private readonly Uri _address;
    private readonly CancellationTokenSource _ended = new();
    private HttpClient? _client;
    private volatile bool _wasGood;

    public HttpsChannel(UpstreamServer server, UpstreamDialer dialer)
    {
        _dialer = dialer;
        var host = IPAddress.TryParse(server.Name, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : server.Name;
        _address = new Uri($"https://{host}:{server.Port}{server.Path}");
    }

    public void Ask(UpstreamAttempt attempt) => _ = AskAsync(attempt);

    public void Forget(UpstreamAttempt attempt)
    {
        // The request goes on until its own time is over; its reply would still say how quick the upstream is.
    }

    public void Renew()
    {
        lock (_gate)
        {
            // What is on its way ends by itself, and its connection when it has rested: others may wait there for replies that come.
            (_client, _wasGood) = (null, false);
        }
    }

    public void Dispose()
    {
        _ended.Cancel();
        lock (_gate)
        {
            _client?.Dispose();
        }
    }

    private async Task AskAsync(UpstreamAttempt attempt)
    {
        var reply = await TryAskAsync(attempt).ConfigureAwait(false);
        attempt.Deliver(reply);
    }

    private async Task<UpstreamReply> TryAskAsync(UpstreamAttempt attempt)
    {
        try
        {
            // RFC 8484 §4.1: ID 0, so that equal queries are equal.
            attempt.Query.Id = 0;
            using var request = new HttpRequestMessage(HttpMethod.Post, _address)
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
                Content = new ByteArrayContent(attempt.Query.Wire) { Headers = { ContentType = Content } },
            };
            request.Headers.Accept.ParseAdd(MediaType);
            using var response = await Client().SendAsync(request, HttpCompletionOption.ResponseContentRead, _ended.Token).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return UpstreamReply.Failed(ReplyKind.Unreachable, $"HTTP {(int)response.StatusCode}");
            }

            if (response.Content.Headers.ContentType?.MediaType != MediaType)
            {
                return UpstreamReply.Failed(ReplyKind.Unreachable, $"it sends {response.Content.Headers.ContentType} and not {MediaType}");
            }

            _wasGood = true;
            var message = await response.Content.ReadAsByteArrayAsync(_ended.Token).ConfigureAwait(false);
            return attempt.Query.Match(message) == ReplyMatch.Foreign ? UpstreamReply.Failed(ReplyKind.Unreachable, "it answers another question") : new UpstreamReply(ReplyKind.Message, message, null);
        }
        catch (HttpRequestException) when (_wasGood && !attempt.WasRepeated && !attempt.IsOver)
        {
            // Servers close connections as they like, with questions on them too (RFC 9113 §9.1): a new one may do.
            attempt.WasRepeated = true;
            return await TryAskAsync(attempt).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return UpstreamReply.Failed(ReplyKind.Unreachable, "the connection was given up");
        }
        catch (HttpRequestException error)
        {
            return UpstreamReply.Failed(ReplyKind.Unreachable, error.InnerException is AuthenticationException && _dialer.LastDoubt is { } doubt ? doubt : error.GetBaseException().Message);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            return UpstreamReply.Failed(ReplyKind.Unreachable, error.Message);
        }
    }

    private HttpClient Client()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ended.IsCancellationRequested, this);
            return _client ??= new HttpClient(Handler(), disposeHandler: true) { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = Message.MaxLength };
        }
    }

    private SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionIdleTimeout = IdleTimeout,
        ConnectCallback = async (_, cancel) => await _dialer.ConnectAsync(cancel).ConfigureAwait(false),
        SslOptions = _dialer.TlsOptions(SslApplicationProtocol.Http2, SslApplicationProtocol.Http11),
    };
}
