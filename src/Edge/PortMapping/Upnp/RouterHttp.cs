using System.Net;
using System.Text;

namespace Edge.PortMapping.Upnp;

/// <summary>HTTP to the router and to nobody else: it goes nowhere it is sent to, and reads no more than a description needs.</summary>
internal sealed class RouterHttp : IDisposable
{
    /// <summary>Descriptions have some 10 KB.</summary>
    public const int Most = 256 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private readonly IPAddress _router;
    private readonly HttpClient _http;

    public RouterHttp(IPAddress router)
    {
        _router = router;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(2), MaxResponseHeadersLength = 16 })
        {
            Timeout = Patience,
        };
    }

    /// <summary>Whether an address is plain HTTP at the router itself, written as an address.</summary>
    public static bool IsOfRouter(Uri url, IPAddress router) =>
        url is { IsAbsoluteUri: true, Scheme: "http", UserInfo: "" } && IPAddress.TryParse(url.Host.Trim('[', ']'), out var host) && host.Equals(router);

    /// <summary>What the router answers to a GET; null when it does not, or not in order.</summary>
    public async Task<string?> GetAsync(Uri url, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        return await SendAsync(request, cancel).ConfigureAwait(false) is (HttpStatusCode.OK, var text) ? text : null;
    }

    /// <summary>Calls an action of a service (UPnP Device Architecture 1.1, section 3.1.1).</summary>
    /// <returns>The answer, which may be an error of the service; null when there was none.</returns>
    public async Task<string?> CallAsync(Uri control, string service, string action, string body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, control) { Content = new StringContent(body, Encoding.UTF8, "text/xml") };
        request.Headers.TryAddWithoutValidation("SOAPACTION", $"\"{service}#{action}\"");
        return await SendAsync(request, cancel).ConfigureAwait(false) is (HttpStatusCode.OK or HttpStatusCode.InternalServerError, var text) ? text : null;
    }

    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode Status, string Text)?> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        if (!IsOfRouter(request.RequestUri!, _router))
        {
            return null;
        }

        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            patience.CancelAfter(Patience);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
            return await ReadAsync(response, patience.Token).ConfigureAwait(false) is { } text ? (response.StatusCode, text) : null;
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException || (failed is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    private static async Task<string?> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        var (buffer, length) = (new byte[Most + 1], 0);
        while (length < buffer.Length)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancel).ConfigureAwait(false);
            if (read == 0)
            {
                return Encoding.UTF8.GetString(buffer, 0, length);
            }

            length += read;
        }

        return null;
    }
}
