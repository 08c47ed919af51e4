using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Edge.AcmeServer;

/// <summary>http-01 (RFC 8555 §8.3): fetches the answer from the client itself, wherever a redirect would lead.</summary>
internal sealed class HttpChallenge(int port)
{
    private const int LongestAnswer = 1024;
    private const int HttpsPort = 443;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<ChallengeFailure?> TryAsync(string name, string token, string authorization, IPAddress client, CancellationToken cancel)
    {
        var url = new UriBuilder("http", name, port, $"/.well-known/acme-challenge/{token}").Uri;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(Patience);
        using var handler = Handler(client);
        using var http = new HttpClient(handler) { MaxResponseContentBufferSize = LongestAnswer };
        try
        {
            using var answer = await http.GetAsync(url, HttpCompletionOption.ResponseContentRead, deadline.Token);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                return new ChallengeFailure("unauthorized", $"{url} at {client} answered {(int)answer.StatusCode}");
            }

            var said = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(deadline.Token)).TrimEnd();
            return said == authorization ? null : new ChallengeFailure("unauthorized", $"{url} at {client} answered something else than the key authorization");
        }
        catch (HttpRequestException failed)
        {
            return new ChallengeFailure("connection", $"{url} at {client}: {failed.Message}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new ChallengeFailure("connection", $"{url} at {client} did not answer within {Patience.TotalSeconds:0} seconds");
        }
    }

    // Redirects may lead to another scheme and path; whatever host they name, the client is asked. Its certificate proves nothing yet.
    private SocketsHttpHandler Handler(IPAddress client) => new()
    {
        UseProxy = false,
        UseCookies = false,
        MaxAutomaticRedirections = 10,
        MaxResponseHeadersLength = 16,
        ActivityHeadersPropagator = null,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
        ConnectCallback = async (context, cancel) =>
        {
            if (context.DnsEndPoint.Port != port && context.DnsEndPoint.Port != HttpsPort)
            {
                throw new HttpRequestException($"a redirect leads to port {context.DnsEndPoint.Port}; only {port} and {HttpsPort} are asked");
            }

            var socket = new Socket(client.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(client, context.DnsEndPoint.Port), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}
