using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Edge.PortMapping.Reach;

/// <summary>Tries whether an address leads to the Edge that said so: connects by TLS and asks for its token.</summary>
internal sealed class DialBack : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    // Certificates do not matter: that of a box at home may be of its own CA, and the token is what proves it.
    private HttpClient Http => field ??= new HttpClient(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        MaxResponseHeadersLength = 16,
        MaxResponseDrainSize = 0,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
        ConnectCallback = ConnectAsync,
    })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = 1024,
    };

    /// <summary>Null when it is there; otherwise what came instead.</summary>
    /// <param name="at">Where.</param>
    /// <param name="host">The name of the box, for the handshake and the request.</param>
    /// <param name="token">Its token.</param>
    /// <param name="cancel">The end.</param>
    public async Task<string?> TryAsync(IPEndPoint at, string host, string token, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder("https", host, at.Port, WayInTokens.PathOf(token)).Uri);
        request.Options.Set(Destination, at);
        try
        {
            using var response = await Http.SendAsync(request, cancel).ConfigureAwait(false);
            return response.StatusCode == HttpStatusCode.OK && Encoding.ASCII.GetString(await response.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false)) == WayInTokens.AnswerTo(token)
                ? null
                : "something else answers there";
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return "no answer";
        }
        catch (HttpRequestException failed)
        {
            return failed.HttpRequestError == HttpRequestError.SecureConnectionError ? "no TLS there" : failed.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? "connection refused" : "no connection";
        }
    }

    public void Dispose() => Http.Dispose();

    private static readonly HttpRequestOptionsKey<IPEndPoint> Destination = new("edge.destination");

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        context.InitialRequestMessage.Options.TryGetValue(Destination, out var at);
        var socket = new Socket(at!.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(at, cancel).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
