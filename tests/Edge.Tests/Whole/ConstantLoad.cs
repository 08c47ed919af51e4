using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Edge.Tests.Gateway;

namespace Edge.Tests.Whole;

/// <summary>
/// Clients of every kind at one gateway: HTTP/1.1 that counts what it has to ask again, HTTP/2, a WebSocket, downloads and
/// uploads that go on until the end of the load. What is answered is looked at byte by byte.
/// </summary>
internal sealed class ConstantLoad : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    // Who takes over lets the other answer for so long before it closes connections at rest: every answer of that time is
    // the last one of its connection and says so. Whoever asked within it has been told.
    private static readonly TimeSpan Notice = TimeSpan.FromSeconds(5);

    private readonly int _port;
    private readonly string _host;
    private readonly CancellationTokenSource _finish = new();
    private readonly ConcurrentDictionary<string, int> _done = new();
    private readonly ConcurrentQueue<string> _failed = new();
    private readonly ConcurrentQueue<string> _crossed = new();
    private readonly Task _running;

    private ConstantLoad(int port, string host)
    {
        (_port, _host) = (port, host);
        _running = Task.WhenAll(
        [
            Task.Run(() => KeepAsync("http/1.1", AskOnOneConnectionAsync)),
            Task.Run(() => KeepAsync("http/1.1", AskOnOneConnectionAsync)),
            Task.Run(() => KeepAsync("http/2", AskOverHttp2Async)),
            Task.Run(() => OnceAsync("websocket", EchoAsync)),
            Task.Run(() => OnceAsync("download", () => DownloadAsync(HttpVersion.Version11))),
            Task.Run(() => OnceAsync("download", () => DownloadAsync(HttpVersion.Version20))),
            Task.Run(() => OnceAsync("upload", () => UploadAsync(HttpVersion.Version11))),
            Task.Run(() => OnceAsync("upload", () => UploadAsync(HttpVersion.Version20))),
        ]);
    }

    /// <summary>What went wrong.</summary>
    public IReadOnlyCollection<string> Failed => _failed;

    /// <summary>
    /// Requests that crossed the end of a connection at rest, and were asked again on a new one, as browsers do (RFC 9112
    /// §9.3.1). A gateway cannot rule that out, only wait for so long that it hardly ever happens.
    /// </summary>
    public IReadOnlyCollection<string> Crossed => _crossed;

    /// <summary>The newest answer's body.</summary>
    public string LastBody { get; private set; } = "";

    public static ConstantLoad Start(int port, string host) => new(port, host);

    /// <summary>How many requests, messages or pieces went well.</summary>
    public int Done(string what) => _done.GetValueOrDefault(what);

    /// <summary>Lets everything come to its end.</summary>
    public async Task EndAsync()
    {
        await _finish.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _finish.Dispose();
    }

    private void Count(string what) => _done.AddOrUpdate(what, 1, static (_, count) => count + 1);

    // One more as soon as one has ended.
    private async Task KeepAsync(string what, Func<Task> client)
    {
        while (!_finish.IsCancellationRequested)
        {
            await OnceAsync(what, client);
        }
    }

    private async Task OnceAsync(string what, Func<Task> client)
    {
        try
        {
            await client();
        }
        catch (Exception failed)
        {
            _failed.Enqueue($"{DateTime.UtcNow:mm:ss.fff} {what}: {failed}");
        }
    }

    // Unlike HttpClient it takes no end for nothing: without an answer a request was dropped, unless the client rested too long.
    private async Task AskOnOneConnectionAsync()
    {
        await using var client = await RawClient.ConnectAsync(_port, _host);
        long? askedBefore = null;
        for (var last = false; !last && !_finish.IsCancellationRequested;)
        {
            var asked = Stopwatch.GetTimestamp();
            var isSent = await client.TrySendAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {_host}\r\n\r\n"));
            var answer = isSent ? await client.ReadAsync(DropBackend.Ending) : "";
            if (answer.Length == 0 && askedBefore is { } before && Stopwatch.GetElapsedTime(before) > Notice)
            {
                _crossed.Enqueue($"{DateTime.UtcNow:mm:ss.fff} http/1.1: nothing came on a connection over which the request before was {Stopwatch.GetElapsedTime(before)} ago");
                return;
            }

            if (!answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) || !answer.EndsWith(DropBackend.Ending, StringComparison.Ordinal))
            {
                throw new IOException($"the answer is \"{answer}\", {(askedBefore is null ? "to a first request" : $"{Stopwatch.GetElapsedTime(askedBefore.Value)} after the request before")}");
            }

            Count("http/1.1");
            LastBody = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
            last = answer.Contains("Connection: close", StringComparison.OrdinalIgnoreCase);
            askedBefore = asked;
        }
    }

    private async Task AskOverHttp2Async()
    {
        using var client = Client(HttpVersion.Version20);
        while (!_finish.IsCancellationRequested)
        {
            Assert.EndsWith(DropBackend.Ending, await client.GetStringAsync($"https://{_host}/"), StringComparison.Ordinal);
            Count("http/2");
        }
    }

    private async Task EchoAsync()
    {
        using var socket = new ClientWebSocket();
        using var invoker = new HttpMessageInvoker(Handler());
        await socket.ConnectAsync(new Uri($"wss://{_host}/echo"), invoker, CancellationToken.None);
        var buffer = new byte[64];
        for (var number = 0; !_finish.IsCancellationRequested; number++)
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes($"{number}"), WebSocketMessageType.Text, true, CancellationToken.None);
            var came = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            Assert.Equal($"{number}", Encoding.ASCII.GetString(buffer, 0, came.Count));
            Count("websocket");
            await Task.Delay(Pause, CancellationToken.None);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    private async Task DownloadAsync(Version version)
    {
        using var client = Client(version);
        using var answer = await client.GetAsync($"https://{_host}/down", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[16 << 10];
        long length = 0;
        for (int count; (count = await body.ReadAsync(buffer)) > 0; length += count)
        {
            Assert.True(ByteStream.Matches(buffer.AsSpan(0, count), length), $"byte {length} and those after it are wrong");
            Count("download");
            await PauseAsync();
        }

        Assert.Equal(DropBackend.DownloadLength, length);
    }

    private async Task UploadAsync(Version version)
    {
        using var client = Client(version);
        using var content = new ByteStream(DropBackend.UploadLength, PauseAsync);
        using var request = new HttpRequestMessage(HttpMethod.Put, $"https://{_host}/up") { Content = content, Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await client.SendAsync(request);
        Assert.Equal($"{DropBackend.UploadLength} bytes, all right", await answer.Content.ReadAsStringAsync());
        Count("upload");
    }

    // Slow for as long as the load is on, and then to the end without a pause.
    private Task PauseAsync() => _finish.IsCancellationRequested ? Task.CompletedTask : Task.Delay(Pause, CancellationToken.None);

    private HttpClient Client(Version version) => new(Handler()) { DefaultRequestVersion = version, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact, Timeout = TimeSpan.FromSeconds(90) };

    // Certificates change on the way; whose they are is the test's own question.
    private SocketsHttpHandler Handler() => GatewayClient.Trusting(_port);
}
