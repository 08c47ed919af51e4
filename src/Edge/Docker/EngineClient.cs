using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Edge.Docker;

/// <summary>
/// What is asked of an engine over its socket, Docker's or Podman's: the API of Docker, reading only. The version is
/// agreed on with each <see cref="GreetAsync"/>.
/// </summary>
internal sealed class EngineClient : IDisposable
{
    private const int MostListed = 64 << 20;
    private const int MostOfOne = 4 << 20;

    // What is wrong, in the engine's words.
    private const int MostWords = 4 << 10;

    // Podman says so with 500 of a container that goes while it is looked at.
    private const string GoneMeanwhile = "no such container";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly string _socket;
    private readonly TimeProvider _time;
    private string _path = "";
    private EngineVersion? _theirs;

    public EngineClient(string socket, TimeProvider time)
    {
        (_socket, _time) = (socket, time);
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = (_, cancel) => ConnectAsync(socket, cancel),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://engine/"), Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Asks which version of its API the engine speaks, and speaks it from then on.</summary>
    public async Task GreetAsync(CancellationToken cancel)
    {
        using var answer = await SendAsync("_ping", cancel).ConfigureAwait(false);
        await ThrowIfRefusedAsync("_ping", answer, cancel).ConfigureAwait(false);
        var said = answer.Headers.TryGetValues("Api-Version", out var values) ? values.First() : null;
        _theirs = said is null ? null : EngineVersion.Parse(said) ?? throw new EngineException($"says \"{Shown(said)}\" for its API version, which is none");
        _path = _theirs is null ? "" : $"v{_theirs.Spoken}/";
    }

    /// <summary>The running and paused containers, each with its labels only.</summary>
    public async Task<IReadOnlyList<ListedContainer>> ListAsync(CancellationToken cancel) =>
        await ReadAsync($"containers/json?filters={Uri.EscapeDataString("""{"status":["running","paused"]}""")}", MostListed, ContainerJson.ReadList, cancel).ConfigureAwait(false)
        ?? throw new EngineException("has no list of containers: another program is behind the socket");

    /// <summary>Everything about one container; null when there is none.</summary>
    public Task<Container?> InspectAsync(string id, CancellationToken cancel) =>
        ReadAsync($"containers/{Uri.EscapeDataString(id)}/json", MostOfOne, ContainerJson.Read, cancel);

    public async Task<EngineNetworks> NetworksAsync(CancellationToken cancel) =>
        await ReadAsync("networks", MostListed, ContainerJson.ReadNetworks, cancel).ConfigureAwait(false) ?? EngineNetworks.None;

    /// <summary>What happens to containers and networks from now on, line by line.</summary>
    public async Task<EventLines> EventsAsync(CancellationToken cancel)
    {
        var path = $"events?filters={Uri.EscapeDataString("""{"type":["container","network"]}""")}";
        var answer = await SendSpokenAsync(path, cancel).ConfigureAwait(false);
        try
        {
            await ThrowIfRefusedAsync(path, answer, cancel).ConfigureAwait(false);
            return new EventLines(answer, await answer.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false));
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    public void Dispose() => _http.Dispose();

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<T?> ReadAsync<T>(string path, int most, Func<JsonElement, T> read, CancellationToken cancel)
        where T : class
    {
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            using var answer = await SendSpokenAsync(path, either.Token).ConfigureAwait(false);
            if (answer.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }

            if (answer.StatusCode == HttpStatusCode.InternalServerError && await WordsAsync(answer, either.Token).ConfigureAwait(false) is var words)
            {
                return words.Contains(GoneMeanwhile, StringComparison.OrdinalIgnoreCase) ? null : throw Refused(path, answer, words);
            }

            await ThrowIfRefusedAsync(path, answer, either.Token).ConfigureAwait(false);
            using var document = JsonDocument.Parse(await BytesAsync(answer, most, either.Token).ConfigureAwait(false));
            return read(document.RootElement);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new EngineException($"answers {Short(path)} with what cannot be read: {wrong.Message}", wrong);
        }
        catch (Exception wrong) when (wrong is IOException or HttpRequestException)
        {
            throw Away(wrong);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new EngineException($"does not answer {Short(path)} within {Patience.TotalSeconds:0} seconds");
        }
    }

    // An engine that has left old versions behind is spoken to in its own.
    private async Task<HttpResponseMessage> SendSpokenAsync(string path, CancellationToken cancel)
    {
        var answer = await SendAsync(_path + path, cancel).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.BadRequest && _theirs is { Major: 1 } && _path != $"v{_theirs}/")
        {
            answer.Dispose();
            _path = $"v{_theirs}/";
            return await SendAsync(_path + path, cancel).ConfigureAwait(false);
        }

        return answer;
    }

    // The headers are waited for with patience; what follows them is the caller's.
    private async Task<HttpResponseMessage> SendAsync(string path, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
        }
        catch (Exception wrong) when (wrong is HttpRequestException or IOException)
        {
            throw Away(wrong);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new EngineException($"does not answer {Short(path)} within {Patience.TotalSeconds:0} seconds");
        }
    }

    private EngineException Away(Exception wrong) => new(
        wrong.GetBaseException() is SocketException socket ? EngineSocket.Words(socket, _socket) : $"breaks off: {wrong.GetBaseException().Message}",
        wrong)
    {
        IsAway = true,
    };

    private static async Task ThrowIfRefusedAsync(string path, HttpResponseMessage answer, CancellationToken cancel)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw Refused(path, answer, await WordsAsync(answer, cancel).ConfigureAwait(false));
        }
    }

    private static EngineException Refused(string path, HttpResponseMessage answer, string words) => new($"answers {Short(path)} with {(int)answer.StatusCode}: {Shown(words)}");

    private static async Task<string> WordsAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        var words = new byte[MostWords];
        await using var body = await answer.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        var length = await body.ReadAtLeastAsync(words, words.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        return System.Text.Encoding.UTF8.GetString(words, 0, length);
    }

    private static async Task<ReadOnlyMemory<byte>> BytesAsync(HttpResponseMessage answer, int most, CancellationToken cancel)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        using var all = new MemoryStream();
        var buffer = new byte[64 << 10];
        for (int read; (read = await body.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0;)
        {
            if (all.Length + read > most)
            {
                throw new EngineException($"answers with more than {most >> 20} MiB");
            }

            all.Write(buffer, 0, read);
        }

        return all.GetBuffer().AsMemory(0, (int)all.Length);
    }

    private static string Short(string path) => "/" + path.Split('?')[0];

    // Others' words in our log: one line, and no more than a line.
    private static string Shown(string text) => new([.. text.Trim().Take(300).Select(letter => char.IsControl(letter) ? ' ' : letter)]);
}
