using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using Edge.Connections;
using Edge.Gateway.Straight;
using Edge.Tests.Whole;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>What moves while it is made: judged by curl, and by destinations that say what they got.</summary>
public sealed class StreamingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_WebSocket_over_either_HTTP_reaches_a_destination_that_speaks_HTTP2(string version)
    {
        await using var backend = await H2cBackend.StartAsync();
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  chat: {{ to: \"{backend.Uri}\", protocol: h2, timeouts: {{ idle: 1s }}, compress: true }}\n");
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = Version.Parse(version);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var client = new HttpMessageInvoker(gateway.Handler());
        await socket.ConnectAsync(new Uri("wss://chat.example.com/"), client, Cancel);
        await socket.SendAsync("echo"u8.ToArray(), WebSocketMessageType.Text, true, Cancel);
        var buffer = new byte[64];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), Cancel);
        Assert.Equal("echo", Encoding.UTF8.GetString(buffer, 0, received.Count));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
    }

    [Fact]
    public async Task A_WebSocket_may_be_silent_whatever_the_idle_timeout_says()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort("services:\n  chat: { to: \"http://192.0.2.1\", timeouts: { idle: 1s } }\n");
        var entry = gateway.Routes.Current.ForHost("chat.example.com")[0];
        Assert.Equal(TimeSpan.FromSeconds(1), entry.Ordinary.ActivityTimeout);
        Assert.True(entry.Streaming.ActivityTimeout > TimeSpan.FromDays(20));
    }

    [Fact]
    public async Task A_destination_that_leaves_takes_no_new_requests_and_ends_those_it_has()
    {
        var go = new TaskCompletionSource();
        await using var old = await Backend.StartAsync(async context =>
        {
            await context.Response.WriteAsync("begun ");
            await context.Response.Body.FlushAsync();
            await go.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("and ended");
        });
        await using var other = await Backend.SayingAsync("other");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  app: {{ to: \"{old.Uri}\", balance: least }}\n");
        using var client = gateway.Client();
        using var running = await client.GetAsync("https://app.example.com/", HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var body = new StreamReader(await running.Content.ReadAsStreamAsync(Cancel));
        var first = new char[6];
        await body.ReadBlockAsync(first, Cancel);

        gateway.ServeShort($"services:\n  app: {{ to: \"{other.Uri}\", balance: least }}\n");
        Assert.Equal("other", await gateway.TextAsync("https://app.example.com/"));
        gateway.Serve();
        go.SetResult();
        Assert.Equal("begun and ended", new string(first) + await body.ReadToEndAsync(Cancel));
    }

    [Fact]
    public async Task A_client_that_waits_for_permission_to_send_gets_it_and_curl_agrees()
    {
        Shell.Need("curl", "curl");
        await using var backend = await Backend.StartAsync(context => context.Request.Body.CopyToAsync(context.Response.Body));
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("up", backend.Uri));
        var output = await Shell.OutputAsync("curl", "-skv", "--http1.1", "--max-time", "20", "--expect100-timeout", "15", "--resolve", $"up.example.com:{gateway.Https}:127.0.0.1", "-H", "Expect: 100-continue", "-d", "the body", $"https://up.example.com:{gateway.Https}/");
        Assert.Contains("HTTP/1.1 100 Continue", output);
        Assert.Contains("the body", output);
    }

    [Fact]
    public async Task A_part_of_a_file_passes_as_it_is()
    {
        await using var backend = await Backend.StartAsync(context =>
        {
            // Of a type, and long enough, to be compressed if it were all of it.
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
            context.Response.ContentType = "text/html";
            context.Response.Headers.ContentRange = $"{context.Request.Headers.Range.ToString().Replace('=', ' ')}/2000";
            return context.Response.WriteAsync(new string('x', 1000));
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  file: {{ to: \"{backend.Uri}\", compress: true }}\n");
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://file.example.com/");
        request.Headers.TryAddWithoutValidation("Range", "bytes=2-1001");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip");
        using var response = await client.SendAsync(request, Cancel);
        Assert.Equal((206, "bytes 2-1001/2000", new string('x', 1000)), ((int)response.StatusCode, response.Content.Headers.ContentRange!.ToString(), await response.Content.ReadAsStringAsync(Cancel)));
    }

    [Theory]
    [InlineData("sockets")]
    [InlineData("epoll")]
    public async Task A_chunked_upload_may_be_cut_anywhere_and_each_chunk_arrives_before_the_next_is_sent(string transport)
    {
        var arrived = Channel.CreateUnbounded<string>();
        await using var backend = await Backend.StartAsync(async context =>
        {
            var buffer = new byte[64];
            for (int count; (count = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
            {
                await arrived.Writer.WriteAsync(Encoding.ASCII.GetString(buffer, 0, count), context.RequestAborted);
            }

            await context.Response.WriteAsync("got it all.");
        });
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("up", backend.Uri));
        await using var client = await RawClient.ConnectAsync(gateway.Https, "up.example.com");
        await client.SendAsync("POST / HTTP/1.1\r\nHost: up.example.com\r\nTransfer-Encoding: chunked\r\n\r\n");

        // A record of TLS for each piece; they cut lengths, ends of lines and data.
        foreach (var (pieces, chunk) in ((string[], string)[])[(["5", "\r\nfi", "rst\r\n"], "first"), (["6\r", "\nsecond\r", "\n"], "second"), (["5;a=b\r\nthird", "\r\n"], "third")])
        {
            foreach (var piece in pieces)
            {
                await client.SendAsync(piece);
            }

            var seen = "";
            while (seen != chunk)
            {
                seen += await arrived.Reader.ReadAsync(Cancel);
                Assert.StartsWith(seen, chunk, StringComparison.Ordinal);
            }
        }

        await client.SendAsync("0\r");
        await client.SendAsync("\n\r\n");
        Assert.Contains("got it all.", await client.ReadAsync("all."), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sockets", "1.1")]
    [InlineData("sockets", "2.0")]
    [InlineData("epoll", "1.1")]
    [InlineData("epoll", "2.0")]
    public async Task An_event_comes_before_the_next_one_is_made(string transport, string version)
    {
        var read = Channel.CreateUnbounded<bool>();
        await using var backend = await Backend.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var number = 0; number < 5; number++)
            {
                await context.Response.WriteAsync($"data: {number}\n\n", Cancel);
                await context.Response.Body.FlushAsync(Cancel);
                await read.Reader.ReadAsync(context.RequestAborted);
            }
        });
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.ServeShort($"services:\n  events: {{ to: \"{backend.Uri}\", compress: true }}\n");
        using var client = gateway.Client(Version.Parse(version));
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://events.example.com/") { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip, br");
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var body = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        for (var number = 0; number < 5; number++)
        {
            Assert.Equal($"data: {number}", await body.ReadLineAsync(Cancel));
            Assert.Equal("", await body.ReadLineAsync(Cancel));
            await read.Writer.WriteAsync(true, Cancel);
        }
    }

    // Programs that read streams often accept anything, and POST what they ask.
    [Theory]
    [InlineData("POST", "timeouts: { idle: 300ms }")]
    [InlineData("POST", "timeouts: { request: 300ms }, compress: true")]
    [InlineData("GET", "timeouts: { idle: 300ms, request: 300ms }")]
    [InlineData("POST", "YARP")]
    [InlineData("GET", "YARP, ActivityTimeout")]
    [InlineData("POST", "YARP, ActivityTimeout")]
    public async Task A_silent_event_stream_that_nobody_announced_outlives_a_request_that_is_silent_for_too_long(string method, string said)
    {
        var go = new SemaphoreSlim(0);
        await using var events = await Backend.StartAsync(context => TwoEventsAsync(context, go));
        await using var silent = await Backend.StartAsync(context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted));
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  silent: {{ to: \"{silent.Uri}\", timeouts: {{ idle: 900ms }} }}\n" + (said.StartsWith("YARP", StringComparison.Ordinal) ? "" : $"  events: {{ to: \"{events.Uri}\", {said} }}\n"));
        if (said.StartsWith("YARP", StringComparison.Ordinal))
        {
            gateway.ServeFile("events.json", $$"""
                { "ReverseProxy": { "Routes": { "events": { "ClusterId": "events", "Timeout": "00:00:00.300", "Match": { "Hosts": ["events.example.com"] } } },
                  "Clusters": { "events": { {{(said == "YARP" ? "" : "\"HttpRequest\": { \"ActivityTimeout\": \"00:01:00\" },")}} "Destinations": { "d": { "Address": "{{events.Uri}}" } } } } } }
                """);
        }

        using var client = gateway.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), "https://events.example.com/") { Content = method == "POST" ? new StringContent("a question") : null };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var body = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        Assert.Equal("data: 1", await body.ReadLineAsync(Cancel));

        // In this time nothing moves on it.
        using (var timedOut = await gateway.GetAsync("https://silent.example.com/"))
        {
            Assert.Equal(HttpStatusCode.GatewayTimeout, timedOut.StatusCode);
        }

        go.Release();
        Assert.Equal("\ndata: 2\n\n", await body.ReadToEndAsync(Cancel));
    }

    [Theory]
    [InlineData("1.1", "")]
    [InlineData("2.0", "")]
    [InlineData("1.1", ", method: [GET]")]
    [InlineData("2.0", ", method: [GET]")]
    public async Task On_the_straight_way_too(string version, string said)
    {
        var go = new SemaphoreSlim(0);
        var time = new FakeTimeProvider();
        await using var events = await Backend.StartAsync(context => TwoEventsAsync(context, go));
        await using var gateway = await RunningGateway.StartAsync(time: time);
        gateway.ServeShort($"services:\n  events: {{ to: \"{events.Uri}\"{said} }}\n");
        using var client = gateway.Client(Version.Parse(version));
        using var answer = await client.GetAsync("https://events.example.com/", HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var body = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        Assert.Equal("data: 1", await body.ReadLineAsync(Cancel));
        Assert.Equal(1, gateway.StraightConnections);
        time.Advance(StraightWay.Usual * 2);
        go.Release();
        Assert.Equal("\ndata: 2\n\n", await body.ReadToEndAsync(Cancel));
    }

    private static async Task TwoEventsAsync(HttpContext context, SemaphoreSlim go)
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        await context.Response.WriteAsync("data: 1\n\n", Cancel);
        await context.Response.Body.FlushAsync(Cancel);
        await go.WaitAsync(context.RequestAborted);
        await context.Response.WriteAsync("data: 2\n\n", Cancel);
    }

    [Fact]
    public async Task A_silent_WebSocket_outlives_a_request_that_is_silent_for_too_long()
    {
        await using var chat = await Backend.WebSocketAsync();
        await using var silent = await Backend.StartAsync(context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted));
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  chat: {{ to: \"{chat.Uri}\", timeouts: {{ idle: 700ms, request: 700ms }} }}\n  silent: {{ to: \"{silent.Uri}\", timeouts: {{ idle: 1500ms }} }}\n");
        using var socket = new ClientWebSocket();
        using var handler = new HttpMessageInvoker(gateway.Handler());
        await socket.ConnectAsync(new Uri("wss://chat.example.com/"), handler, Cancel);
        var buffer = new byte[64];
        await socket.ReceiveAsync(buffer.AsMemory(), Cancel);

        // In this time nothing moves on it.
        using (var timedOut = await gateway.GetAsync("https://silent.example.com/"))
        {
            Assert.Equal(HttpStatusCode.GatewayTimeout, timedOut.StatusCode);
        }

        await socket.SendAsync("still there"u8.ToArray(), WebSocketMessageType.Text, true, Cancel);
        var came = await socket.ReceiveAsync(buffer.AsMemory(), Cancel);
        Assert.Equal("still there", Encoding.UTF8.GetString(buffer, 0, came.Count));
    }
}
