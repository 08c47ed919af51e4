using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>What passes through the gateway, and how.</summary>
public sealed class ForwardingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_request_reaches_the_service_by_its_host(string version)
    {
        await using var one = await Backend.SayingAsync("one");
        await using var two = await Backend.SayingAsync("two");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("one", one.Uri), RunningGateway.Service("two", two.Uri));

        Assert.Equal("one", await gateway.TextAsync("https://one.example.com/", Version.Parse(version)));
        Assert.Equal("two", await gateway.TextAsync("https://TWO.example.com./", Version.Parse(version)));
    }

    [Fact]
    public async Task The_service_sees_the_asked_host_and_who_asked_and_not_what_a_stranger_made_up()
    {
        await using var backend = await Backend.EchoingAsync();
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("echo", backend.Uri));
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://echo.example.com/a/b%20c?x=1&y=%2F");
        foreach (var (name, value) in new[] { ("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-Proto", "gopher"), ("X-Forwarded-User", "admin"), ("Forwarded", "for=6.6.6.6"), ("X-Real-IP", "6.6.6.6"), ("X-Request-Id", "mine"), ("X-Other", "stays") })
        {
            request.Headers.Add(name, value);
        }

        using var response = await client.SendAsync(request, Cancel);
        var seen = await response.Content.ReadAsStringAsync(Cancel);

        Assert.StartsWith("GET /a/b%20c?x=1&y=%2F HTTP/1.1\n", seen);
        Assert.Contains("\nHost: echo.example.com\n", seen);
        Assert.Contains("\nX-Forwarded-For: 127.0.0.1\n", seen);
        Assert.Contains("\nX-Real-IP: 127.0.0.1\n", seen);
        Assert.Contains("\nX-Forwarded-Proto: https\n", seen);
        Assert.Contains("\nX-Forwarded-Host: echo.example.com\n", seen);
        Assert.Contains($"\nCDN-Loop: {gateway.Loops.Id}\n", seen);
        Assert.Contains("\nX-Other: stays\n", seen);
        Assert.Contains($"\nX-Request-Id: {Assert.Single(response.Headers.GetValues("X-Request-Id"))}\n", seen, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("6.6.6.6", seen);
        Assert.DoesNotContain("gopher", seen);
        Assert.DoesNotContain("admin", seen);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_WebSocket_works_both_ways_also_when_the_server_speaks_first(string version)
    {
        await using var backend = await Backend.WebSocketAsync();
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("chat", backend.Uri));

        using var socket = await ConnectAsync(gateway, "wss://chat.example.com/", version);
        Assert.Equal("hello first", await ReceiveAsync(socket));
        await socket.SendAsync("and back"u8.ToArray(), WebSocketMessageType.Text, true, Cancel);
        Assert.Equal("and back", await ReceiveAsync(socket));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
    }

    [Fact]
    public async Task An_open_WebSocket_outlives_changes_of_other_routes_and_of_its_own()
    {
        await using var backend = await Backend.WebSocketAsync();
        await using var other = await Backend.SayingAsync("other");
        await using var gateway = await RunningGateway.StartAsync();
        var chat = RunningGateway.Service("chat", backend.Uri);
        gateway.Serve(chat, RunningGateway.Service("other", backend.Uri));
        using var socket = await ConnectAsync(gateway, "wss://chat.example.com/", "1.1");
        Assert.Equal("hello first", await ReceiveAsync(socket));

        gateway.Serve(chat, RunningGateway.Service("other", other.Uri));
        Assert.Equal("other", await gateway.TextAsync("https://other.example.com/"));
        await EchoAsync(socket, "after another changed");
        gateway.Serve(RunningGateway.Service("chat", other.Uri));
        Assert.Equal("other", await gateway.TextAsync("https://chat.example.com/"));
        await EchoAsync(socket, "after its own changed");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Events_arrive_one_by_one_and_not_at_the_end(string version)
    {
        var next = new SemaphoreSlim(0);
        await using var backend = await Backend.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 1; i <= 3; i++)
            {
                await context.Response.WriteAsync($"data: {i}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await next.WaitAsync(context.RequestAborted);
            }
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("events", backend.Uri));
        using var client = gateway.Client(Version.Parse(version));
        using var reader = new StreamReader(await client.GetStreamAsync("https://events.example.com/", Cancel));

        for (var i = 1; i <= 3; i++)
        {
            // The server sends the next event only after this one has arrived.
            Assert.Equal($"data: {i}", await reader.ReadLineAsync(Cancel));
            Assert.Equal("", await reader.ReadLineAsync(Cancel));
            next.Release();
        }

        Assert.Null(await reader.ReadLineAsync(Cancel));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_hundred_megabytes_go_up_while_they_are_sent(string version)
    {
        const int Size = 100 << 20;
        var firstByte = new TaskCompletionSource();
        await using var backend = await Backend.StartAsync(async context =>
        {
            long total = 0;
            var buffer = new byte[1 << 16];
            int read;
            while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                firstByte.TrySetResult();
                total += read;
            }

            await context.Response.WriteAsync($"{total}");
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("upload", backend.Uri));
        using var client = gateway.Client(Version.Parse(version));

        // The second half is sent only after the first has begun to arrive, so a gateway that stores bodies hangs here.
        using var body = new StreamContent(new HalvesStream(Size, firstByte.Task));
        using var response = await client.PostAsync("https://upload.example.com/", body, Cancel);
        Assert.Equal(Size.ToString(), await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task No_request_is_lost_while_routes_change_all_the_time()
    {
        await using var one = await Backend.SayingAsync("one");
        await using var two = await Backend.SayingAsync("two");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("busy", one.Uri));
        using var client = gateway.Client();
        using var done = new CancellationTokenSource();
        var answers = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        var asking = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                using var response = await client.GetAsync("https://busy.example.com/", Cancel);
                answers.AddOrUpdate($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Cancel)}", 1, (_, count) => count + 1);
            }
        })).ToList();

        for (var i = 0; i < 300 || answers.Count < 2; i++)
        {
            gateway.Serve(RunningGateway.Service("busy", i % 2 == 0 ? two.Uri : one.Uri), RunningGateway.Service($"other{i % 7}", one.Uri));
            await Task.Yield();
        }

        await done.CancelAsync();
        await Task.WhenAll(asking);
        Assert.Equal(["200 one", "200 two"], answers.Keys.Order());
    }

    // RFC 9110 section 10.1.4. Firefox says of all that it asks over HTTP/2 that it takes trailers.
    [Theory]
    [InlineData("GET", "trailers", "TE")]
    [InlineData("POST", "trailers", "TE")]
    [InlineData("a WebSocket", "", "Upgrade")]
    public async Task That_trailers_are_taken_is_said_of_the_connection_only(string what, string takes, string connection)
    {
        var said = new TaskCompletionSource<(string, string)>();
        await using var backend = await Backend.StartAsync(async context =>
        {
            said.SetResult((context.Request.Headers.TE.ToString(), context.Request.Headers.Connection.ToString()));
            if (context.WebSockets.IsWebSocketRequest)
            {
                using var accepted = await context.WebSockets.AcceptWebSocketAsync();
            }
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("app", backend.Uri));
        if (what == "a WebSocket")
        {
            using var socket = await ConnectAsync(gateway, "wss://app.example.com/", "2.0", ("TE", "trailers"));
        }
        else
        {
            using var client = gateway.Client(HttpVersion.Version20);
            using var request = new HttpRequestMessage(new HttpMethod(what), "https://app.example.com/") { Version = HttpVersion.Version20 };
            request.Headers.TE.ParseAdd("trailers");
            using var response = await client.SendAsync(request, Cancel);
        }

        Assert.Equal((takes, connection), await said.Task);
    }

    private static async Task<ClientWebSocket> ConnectAsync(RunningGateway gateway, string uri, string version, params (string Name, string Value)[] headers)
    {
        var socket = new ClientWebSocket();
        foreach (var (name, value) in headers)
        {
            socket.Options.SetRequestHeader(name, value);
        }

        socket.Options.HttpVersion = Version.Parse(version);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        await socket.ConnectAsync(new Uri(uri), new HttpMessageInvoker(gateway.Handler()), Cancel);
        return socket;
    }

    private static async Task EchoAsync(ClientWebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Cancel);
        Assert.Equal(text, await ReceiveAsync(socket));
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), Cancel);
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }

    /// <summary>A body of zeros whose second half waits for something.</summary>
    private sealed class HalvesStream(int size, Task half) : Stream
    {
        private int _sent;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _sent; set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_sent >= size / 2)
            {
                await half.WaitAsync(cancellationToken);
            }

            var count = Math.Min(buffer.Length, size - _sent);
            buffer.Span[..count].Clear();
            _sent += count;
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
