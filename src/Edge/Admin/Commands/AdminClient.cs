using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Edge.Settings;

namespace Edge.Admin.Commands;

/// <summary>The commands' way to a running Edge: its admin API, with the token that lies in its data folder.</summary>
internal sealed class AdminClient : IDisposable
{
    private readonly HttpClient _http;

    private AdminClient(Uri api, string? token)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            BaseAddress = api,
            // A registration answers when its certificate serves, and a CA may take its time.
            Timeout = TimeSpan.FromSeconds(100),
        };
        _http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
    }

    public Uri Api => _http.BaseAddress!;

    /// <summary>The API named by --url or EDGE_URL, else the one edge.yaml lets this box listen on.</summary>
    /// <param name="config">Path of edge.yaml.</param>
    /// <param name="url">The API's address as given on the command line.</param>
    /// <param name="token">
    /// The token as given on the command line; else EDGE_TOKEN; else data/admin.token, which opens everything and so is
    /// shown to this box's own API only.
    /// </param>
    /// <exception cref="CommandFailedException">There is no address to ask, or none that is one.</exception>
    public static AdminClient Open(string config, string? url, string? token)
    {
        url ??= Environment.GetEnvironmentVariable("EDGE_URL");
        token ??= Environment.GetEnvironmentVariable("EDGE_TOKEN");
        if (url is null && !File.Exists(config))
        {
            throw new CommandFailedException($"{config} is not there: run the command in the folder of edge.yaml, name the file with --config, or another Edge with --url");
        }

        var options = EdgeOptionsFile.Load(config, new ProblemList());
        var own = new Uri($"http://{Reachable(options.Admin.Listen[0])}");
        if (!Uri.TryCreate(url ?? own.ToString(), UriKind.Absolute, out var api) || api.Scheme is not ("http" or "https"))
        {
            throw new CommandFailedException($"\"{url}\" is not the address of an admin API; it looks like http://127.0.0.1:8480");
        }

        return new AdminClient(api, token ?? (api.Equals(own) ? AdminToken.TryRead(options.PathOf(options.Data)) : null));
    }

    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancel);
        return await ReadAsync(answer, type, cancel);
    }

    public async Task<T> PostAsync<TBody, T>(string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, bodyType) }, cancel);
        return await ReadAsync(answer, type, cancel);
    }

    public async Task<T> DeleteAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Delete, path), cancel);
        return await ReadAsync(answer, type, cancel);
    }

    /// <summary>Opens an answer that goes on for as long as somebody reads it.</summary>
    public async Task<Stream> OpenAsync(string path, CancellationToken cancel)
    {
        var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancel, HttpCompletionOption.ResponseHeadersRead);
        return await answer.Content.ReadAsStreamAsync(cancel);
    }

    /// <summary>Sends a request as it is; an Edge that does not answer is a <see cref="HttpRequestException"/>.</summary>
    public Task<HttpResponseMessage> SendRawAsync(HttpRequestMessage request, CancellationToken cancel) => _http.SendAsync(request, cancel);

    /// <summary>Sends a request and turns every refusal into words.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await _http.SendAsync(request, completion, cancel);
        }
        catch (HttpRequestException unreachable)
        {
            throw new CommandFailedException($"no Edge answers at {Api}: {unreachable.Message}. Start it with \"edge run\", or name another with --url.");
        }

        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            if (answer.StatusCode == HttpStatusCode.Unauthorized && _http.DefaultRequestHeaders.Authorization is null)
            {
                throw new CommandFailedException($"{Api} wants a token: run this in the folder of edge.yaml as the user that runs Edge (its data folder holds one), or give one with --token or EDGE_TOKEN");
            }

            throw new CommandFailedException(await ProblemText.ReadAsync(answer, cancel));
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync(type, cancel) ?? throw new CommandFailedException("the answer was empty");
        }
        catch (JsonException strange)
        {
            throw new CommandFailedException($"what answered is not Edge's admin API: {strange.Message}");
        }
    }

    // Edge may listen on all addresses; a client cannot connect to "all".
    private static IPEndPoint Reachable(IPEndPoint listen) =>
        listen.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, listen.Port)
        : listen.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, listen.Port)
        : listen;
}
