using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;

namespace Edge.Client;

/// <summary>The requests about one service to Edge's registration API. None of them throws for what Edge or the network do.</summary>
internal sealed class RegistrationApi : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http;
    private readonly EdgeRegistrationOptions _options;
    private readonly string _path;

    public RegistrationApi(string name, EdgeRegistrationOptions options)
    {
        _options = options;
        _path = $"v1/services/{Uri.EscapeDataString(name)}";
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = ConnectTimeout })
        {
            BaseAddress = new Uri(options.Url.AbsoluteUri.TrimEnd('/') + "/"),
            // Edge answers a registration when it is served, and within ten seconds when that takes longer.
            Timeout = TimeSpan.FromSeconds(30),
            MaxResponseContentBufferSize = 1 << 20,
        };
        _http.DefaultRequestHeaders.Authorization = options.Token is { } token ? new AuthenticationHeaderValue("Bearer", token.Trim()) : null;
    }

    /// <summary>Both ends of a connection to Edge, or why there is none.</summary>
    public async Task<(IPAddress Local, IPAddress Edge, ApiAnswer? Trouble)> EndsAsync(CancellationToken cancel)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(ConnectTimeout);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(_options.Url.DnsSafeHost, _options.Url.Port, timeout.Token).ConfigureAwait(false);
            return (((IPEndPoint)socket.LocalEndPoint!).Address, ((IPEndPoint)socket.RemoteEndPoint!).Address, null);
        }
        catch (SocketException away)
        {
            return (IPAddress.None, IPAddress.None, new ApiAnswer(ApiOutcome.Away, away.Message));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (IPAddress.None, IPAddress.None, new ApiAnswer(ApiOutcome.Away, "it cannot be connected to"));
        }
    }

    /// <param name="destination">Where requests go.</param>
    /// <param name="health">The path to ask for health; null for none.</param>
    /// <param name="condition">A header that says what must hold, such as If-None-Match: *.</param>
    /// <param name="cancel">Ends it.</param>
    public Task<ApiAnswer> PutAsync(string destination, string? health, (string Header, string Value)? condition, CancellationToken cancel)
    {
        var body = new ByteArrayContent(Body(destination, health));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return SendAsync(HttpMethod.Put, _path, body, condition, cancel);
    }

    public Task<ApiAnswer> RenewAsync(string tag, CancellationToken cancel) => SendAsync(HttpMethod.Post, _path + "/renew", null, ("If-Match", tag), cancel);

    public Task<ApiAnswer> DeleteAsync(string? tag, CancellationToken cancel) => SendAsync(HttpMethod.Delete, _path, null, tag is null ? null : ("If-Match", tag), cancel);

    public void Dispose() => _http.Dispose();

    private async Task<ApiAnswer> SendAsync(HttpMethod method, string path, HttpContent? body, (string Header, string Value)? condition, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (condition is { } must)
        {
            request.Headers.Add(must.Header, must.Value);
        }

        try
        {
            using var answer = await _http.SendAsync(request, cancel).ConfigureAwait(false);
            return await AnswerReader.ReadAsync(answer, cancel).ConfigureAwait(false);
        }
        catch (HttpRequestException away)
        {
            return new ApiAnswer(ApiOutcome.Away, away.GetBaseException().Message);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new ApiAnswer(ApiOutcome.Away, "it did not answer in time");
        }
    }

    private byte[] Body(string destination, string? health)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("to", destination);
            if (_options.Hosts.Count > 0)
            {
                json.WriteStartArray("host");
                foreach (var host in _options.Hosts)
                {
                    json.WriteStringValue(host);
                }

                json.WriteEndArray();
            }

            if (_options.Expose is { } expose)
            {
                json.WriteString("expose", expose == EdgeExposure.Lan ? "lan" : "everywhere");
            }

            if (health is not null)
            {
                json.WriteString("health", health);
            }

            json.WriteString("ttl", $"{(long)_options.TimeToLive.TotalSeconds}s");
            json.WriteEndObject();
        }

        return body.ToArray();
    }
}
