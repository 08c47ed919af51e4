using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Edge.Observability;
using Edge.Tests.Certificates;
using Edge.Tests.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Eventually = Edge.Tests.Whole.Eventually;

namespace Edge.Tests.Observability;

/// <summary>What the log and the counts say of requests through a real gateway.</summary>
public sealed class ObservedRequestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_request_for_a_service()
    {
        await using var backend = await Backend.SayingAsync("hello");
        await using var room = Open();
        await using var gateway = await RunningGateway.StartAsync(observed: room);
        gateway.Serve(RunningGateway.Service("photos", backend.Uri));
        using (var client = gateway.Client(HttpVersion.Version20))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "https://photos.example.com/album?token=secret") { Version = HttpVersion.Version20 };
            request.Headers.TryAddWithoutValidation("User-Agent", "test/1");
            request.Headers.TryAddWithoutValidation("Referer", "https://a.example/?k=v");
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer hidden");
            request.Headers.TryAddWithoutValidation("Cookie", "session=hidden");
            using var answer = await client.SendAsync(request, RunningGateway.Cancel);
            var line = (await LinesAsync(1))[0];
            Assert.Equal("127.0.0.1", line.GetProperty("client").GetString());
            Assert.Equal(200, line.GetProperty("status").GetInt32());
            Assert.Equal("HTTP/2", line.GetProperty("protocol").GetString());
            Assert.Equal("/album", line.GetProperty("path").GetString());
            Assert.Equal("token=*", line.GetProperty("query").GetString());
            Assert.Equal(5, line.GetProperty("bytes").GetInt64());
            Assert.Equal("photos", line.GetProperty("service").GetString());
            Assert.Equal(backend.Uri, line.GetProperty("destination").GetString());
            Assert.Equal("test/1", line.GetProperty("user_agent").GetString());
            Assert.Equal(answer.Headers.GetValues("X-Request-Id").Single(), line.GetProperty("id").GetString());
            Assert.InRange(line.GetProperty("upstream").GetDouble(), 0, line.GetProperty("duration").GetDouble());
        }

        Assert.DoesNotContain("hidden", await File.ReadAllTextAsync(LogPath, RunningGateway.Cancel), StringComparison.Ordinal);
        var counts = Assert.Single(room.Requests.Routes);
        Assert.Equal(("service:photos", 5), (counts.Key, counts.Value.Bytes));
        Assert.Equal(("2xx", 1), Assert.Single(counts.Value.ByClass()));
        Assert.Equal(0, room.Requests.InFlight);
        Assert.Equal((1, 1, 1), (room.Connections.Accepted, room.Connections.HandshakesBegun, room.Connections.HandshakesCompleted));
    }

    [Theory]
    [InlineData("GET", "https://photos.example.com/chunked", 200, 30_000L)]
    [InlineData("GET", "https://photos.example.com/large", 200, 300_000L)]
    [InlineData("HEAD", "https://photos.example.com/large", 200, 0L)]
    [InlineData("GET", "https://photos.example.com/304", 304, 0L)]
    [InlineData("GET", "http://photos.example.com/", 308, 0L)]
    [InlineData("GET", "https://unknown.example.com/", 404, null)]
    [InlineData("GET", "https://dead.example.com/", 502, null)]
    public async Task Bytes_are_those_of_the_body(string method, string url, int status, long? bytes)
    {
        await using var backend = await Backend.StartAsync(AnswerAsync);
        await using var room = Open();
        await using var gateway = await RunningGateway.StartAsync(observed: room);
        gateway.Serve(RunningGateway.Service("photos", backend.Uri), RunningGateway.Service("dead", $"http://127.0.0.1:{Backend.DeadPort()}"));
        using var answer = await gateway.GetAsync(url, method: new HttpMethod(method));
        var body = await answer.Content.ReadAsByteArrayAsync(RunningGateway.Cancel);
        var line = (await LinesAsync(1))[0];
        Assert.Equal(status, line.GetProperty("status").GetInt32());
        Assert.Equal(bytes ?? body.Length, line.GetProperty("bytes").GetInt64());
        Assert.Equal(status == 502, line.TryGetProperty("error", out _));
        Assert.False(line.TryGetProperty("aborted", out _));
    }

    [Theory]
    [InlineData(10_000, true)]
    [InlineData(300_000, true)]
    [InlineData(30_000, false)]
    public async Task Of_a_compressed_answer_those_count_that_left(int length, bool saysLength)
    {
        await using var backend = await Backend.StartAsync(async context =>
        {
            context.Response.ContentType = "text/plain";
            context.Response.ContentLength = saysLength ? length : null;
            for (var left = length; left > 0; left -= 10_000)
            {
                await context.Response.WriteAsync(string.Concat(Enumerable.Range(0, 1000).Select(_ => Random.Shared.Next(1_000_000_000).ToString("D10", System.Globalization.CultureInfo.InvariantCulture))));
            }
        });
        await using var room = Open();
        await using var gateway = await RunningGateway.StartAsync(observed: room);
        gateway.ServeShort($"services:\n  photos: {{ to: \"{backend.Uri}\", compress: true }}\n");
        using var client = gateway.Client();
        client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("gzip");
        var body = await client.GetByteArrayAsync("https://photos.example.com/", RunningGateway.Cancel);
        Assert.InRange(body.Length, 1000, length - 1000);
        Assert.Equal(body.Length, (await LinesAsync(1))[0].GetProperty("bytes").GetInt64());
        Assert.Equal(body.Length, Assert.Single(room.Requests.Routes).Value.Bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData(", compress: true")]
    public async Task Of_a_file_that_breaks_off_those_count_that_left(string said)
    {
        const int length = 64 << 20;
        await using (var file = File.Create(Path.Combine(_folder.Path, "large.bin")))
        {
            file.SetLength(length);
        }

        await using var room = Open();
        await using var gateway = await RunningGateway.StartAsync(observed: room);
        gateway.ServeShort($"services:\n  photos: {{ files: \"{_folder.Path}\"{said} }}\n");
        using (var client = gateway.Client())
        {
            using var answer = await client.GetAsync("https://photos.example.com/large.bin", HttpCompletionOption.ResponseHeadersRead, RunningGateway.Cancel);
            await (await answer.Content.ReadAsStreamAsync(RunningGateway.Cancel)).ReadExactlyAsync(new byte[100_000], RunningGateway.Cancel);
        }

        var line = (await LinesAsync(1))[0];
        Assert.True(line.GetProperty("aborted").GetBoolean());
        Assert.InRange(line.GetProperty("bytes").GetInt64(), 100_000, length / 2);
    }

    [Fact]
    public async Task A_client_that_leaves_is_499_before_the_answer_and_aborted_within()
    {
        var held = new TaskCompletionSource();
        await using var backend = await Backend.StartAsync(async context =>
        {
            if (context.Request.Path == "/within")
            {
                context.Response.ContentLength = 1_000_000;
                await context.Response.Body.WriteAsync(new byte[100_000], context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }

            await held.Task.WaitAsync(context.RequestAborted);
        });
        await using var room = Open();
        await using var gateway = await RunningGateway.StartAsync(observed: room);
        gateway.Serve(RunningGateway.Service("photos", backend.Uri));
        using (var client = gateway.Client())
        {
            using var leaving = new CancellationTokenSource();
            var before = client.GetAsync("https://photos.example.com/before", leaving.Token);
            await Eventually.TrueAsync(() => Task.FromResult(room.Requests.InFlight == 1), () => "no request in flight");
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => before);
            using var within = await client.GetAsync("https://photos.example.com/within", HttpCompletionOption.ResponseHeadersRead, RunningGateway.Cancel);
            await (await within.Content.ReadAsStreamAsync(RunningGateway.Cancel)).ReadExactlyAsync(new byte[100_000], RunningGateway.Cancel);
        }

        var lines = await LinesAsync(2);
        Assert.Equal(499, lines[0].GetProperty("status").GetInt32());
        Assert.Equal((200, true), (lines[1].GetProperty("status").GetInt32(), lines[1].GetProperty("aborted").GetBoolean()));
        Assert.Equal(100_000, lines[1].GetProperty("bytes").GetInt64());
        Assert.Equal(0, room.Requests.Routes.Single().Value.Errors);
    }

    [Theory]
    [InlineData("")]
    [InlineData(", request-headers: { set: { X-A: b } }")]
    public async Task Errors_of_destinations_are_counted_and_clients_that_leave_are_none(string said)
    {
        var held = new TaskCompletionSource();
        await using var backend = await Backend.StartAsync(async context =>
        {
            if (context.Request.Path == "/broken")
            {
                context.Abort();
                return;
            }

            context.Response.ContentLength = context.Request.Path == "/before" ? null : 1_000_000;
            if (context.Request.Path != "/before")
            {
                await context.Response.Body.WriteAsync(new byte[100_000], context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }

            await held.Task.WaitAsync(context.RequestAborted);
        });
        await using var room = Open();
        await using var gateway = await RunningGateway.StartAsync(observed: room);
        gateway.ServeShort($"services:\n  photos: {{ to: \"{backend.Uri}\", timeouts: {{ idle: 6s }}{said} }}\n");
        foreach (var (path, version) in new[] { ("before", HttpVersion.Version11), ("within", HttpVersion.Version11), ("before", HttpVersion.Version20), ("within", HttpVersion.Version20) })
        {
            using var client = gateway.Client(version);
            using var leaving = new CancellationTokenSource();
            var asked = client.GetAsync($"https://photos.example.com/{path}", HttpCompletionOption.ResponseHeadersRead, leaving.Token);
            if (path == "within")
            {
                using var within = await asked;
                await (await within.Content.ReadAsStreamAsync(RunningGateway.Cancel)).ReadExactlyAsync(new byte[100_000], RunningGateway.Cancel);
            }
            else
            {
                await Eventually.TrueAsync(() => Task.FromResult(room.Requests.InFlight == 1), () => "no request in flight");
                await leaving.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
            }

            await Eventually.TrueAsync(() => Task.FromResult(room.Requests.InFlight == 0), () => "the request goes on");
        }

        Assert.Equal(0, room.Requests.Routes.Single().Value.Errors);
        using (var broken = await gateway.GetAsync("https://photos.example.com/broken"))
        {
            Assert.Equal(502, (int)broken.StatusCode);
        }

        await Eventually.TrueAsync(() => Task.FromResult(room.Requests.Routes.Single().Value.Errors == 1), () => "no answer is no error");
        using var silent = await gateway.Client().GetAsync("https://photos.example.com/silent", HttpCompletionOption.ResponseHeadersRead, RunningGateway.Cancel);
        await Eventually.TrueAsync(() => Task.FromResult(room.Requests.Routes.Single().Value.Errors == 2), () => "silence within an answer is no error");
    }

    [Fact]
    public async Task A_WebSocket_has_its_line_when_it_ends()
    {
        await using var backend = await Backend.WebSocketAsync();
        await using var room = Open();
        await using var gateway = await RunningGateway.StartAsync(observed: room);
        gateway.Serve(RunningGateway.Service("chat", backend.Uri));
        using (var socket = new ClientWebSocket())
        {
            using var invoker = new HttpMessageInvoker(gateway.Handler());
            await socket.ConnectAsync(new Uri("wss://chat.example.com/"), invoker, RunningGateway.Cancel);
            await socket.ReceiveAsync(new byte[64].AsMemory(), RunningGateway.Cancel);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", RunningGateway.Cancel);
        }

        var line = (await LinesAsync(1))[0];
        Assert.Equal(101, line.GetProperty("status").GetInt32());
        Assert.False(line.TryGetProperty("bytes", out _));
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/chunked":
                for (var i = 0; i < 3; i++)
                {
                    await context.Response.Body.WriteAsync(new byte[10_000]);
                    await context.Response.Body.FlushAsync();
                }

                break;
            case "/large":
                context.Response.ContentLength = 300_000;
                if (HttpMethods.IsGet(context.Request.Method))
                {
                    await context.Response.Body.WriteAsync(new byte[300_000]);
                }

                break;
            case "/304":
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                break;
        }
    }

    private string LogPath => Path.Combine(_folder.Path, "access.log");

    private ObservabilityRoom Open()
    {
        var room = ObservabilityRoom.Open(new AccessLogOptions { File = LogPath }, tracing: false, TimeProvider.System, NullLogger.Instance);
        room.Log.Start();
        return room;
    }

    private async Task<JsonElement[]> LinesAsync(int count)
    {
        string[] lines = [];
        await Eventually.TrueAsync(async () => (lines = File.Exists(LogPath) ? await File.ReadAllLinesAsync(LogPath) : []).Length >= count, () => $"{lines.Length} lines instead of {count}");
        Assert.Equal(count, lines.Length);
        return [.. lines.Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
