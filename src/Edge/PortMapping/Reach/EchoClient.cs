using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.PortMapping.Reach;

/// <summary>Asks an echo: an URL whose answer is the address that the question came from, and, where it is an Edge, whether we are reached there.</summary>
/// <param name="resolve">Finds the addresses of its host.</param>
internal sealed class EchoClient(Func<string, CancellationToken, Task<ImmutableArray<IPAddress>>> resolve) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);
    private static readonly HttpRequestOptionsKey<AddressFamily> Family = new("edge.family");

    private HttpClient Http => field ??= new HttpClient(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        // Each question by a way of its own: an address that has changed shows at once.
        PooledConnectionLifetime = TimeSpan.Zero,
        MaxResponseHeadersLength = 16,
        ConnectCallback = ConnectAsync,
    })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = 4096,
    };

    /// <summary>The address of one family that the echo sees; null when that cannot be learned.</summary>
    public async Task<EchoAnswer?> AskAsync(Uri echo, AddressFamily family, CancellationToken cancel) =>
        await SendAsync(HttpMethod.Get, echo, family, cancel).ConfigureAwait(false) is { } lines && Address(lines, family) is { } address
            ? new EchoAnswer(address, null, HasTried: false)
            : null;

    /// <summary>The same, and whether it reached us at a port; <see cref="EchoAnswer.HasTried"/> is false when it is no Edge.</summary>
    public async Task<EchoAnswer?> TryAsync(Uri echo, AddressFamily family, int port, string host, string token, CancellationToken cancel)
    {
        var question = new UriBuilder(echo) { Query = FormattableString.Invariant($"port={port}&host={Uri.EscapeDataString(host)}&token={token}") }.Uri;
        return await SendAsync(HttpMethod.Post, question, family, cancel).ConfigureAwait(false) is { } lines && Address(lines, family) is { } address
            ? new EchoAnswer(address, lines.Length < 2 || lines[1] == AddressEcho.Reached ? null : lines[1], lines.Length > 1)
            : null;
    }

    public void Dispose() => Http.Dispose();

    private static IPAddress? Address(string[] lines, AddressFamily family) =>
        lines.Length > 0 && IPAddress.TryParse(lines[0].Trim(), out var address) && address.AddressFamily == family ? address : null;

    private async Task<string[]?> SendAsync(HttpMethod method, Uri url, AddressFamily family, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, url);
        request.Options.Set(Family, family);
        try
        {
            using var response = await Http.SendAsync(request, cancel).ConfigureAwait(false);
            return response.StatusCode == HttpStatusCode.OK
                ? Encoding.ASCII.GetString(await response.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false)).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                : null;
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException || (failed is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        context.InitialRequestMessage.Options.TryGetValue(Family, out var family);
        var host = context.DnsEndPoint.Host.Trim('[', ']');
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancel).ConfigureAwait(false);
        var socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            var at = addresses.FirstOrDefault(address => address.AddressFamily == family) ?? throw new SocketException((int)SocketError.HostNotFound);
            await socket.ConnectAsync(new IPEndPoint(at, context.DnsEndPoint.Port), cancel).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
