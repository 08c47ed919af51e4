using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Edge.Tests.Certificates.Acme;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Edge.Tests.Whole;

/// <summary>An ordered end comes soon and with exit code 0, whatever clients and destinations hold open.</summary>
public sealed class ShutdownTests
{
    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task It_ends_though_a_WebSocket_and_a_request_without_an_answer_are_open(string signal)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await using var backend = await StartBackendAsync();
        using var echo = new Streams.EchoServer("ssh");
        var port = EdgeProcess.FreePort();
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "held.yaml"), $"services:\n  held:\n    to: {backend.Urls.First()}\n  ssh: {{ to: \"tcp://127.0.0.1:{echo.Port}\", listen: {port} }}\n");
        await edge.StartAsync();
        using var browser = edge.Browser();
        using var stream = new TcpClient();
        await stream.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => Task.FromResult(echo.Accepted > 0), () => edge.Output);
        await using var silent = await Gateway.RawClient.ConnectAsync(edge.Https, "held.nas.example.com");
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri("wss://held.nas.example.com/"), new HttpMessageInvoker(GatewayClient.Handler(Path.Combine(edge.Folder, "data", "ca", "root.crt"), edge.Https, false)), TestContext.Current.CancellationToken);
        using var answer = await browser.GetAsync("https://held.nas.example.com/begun", HttpCompletionOption.ResponseHeadersRead);
        var waiting = browser.GetAsync("https://held.nas.example.com/never");
        await using var tcp = await OpenConnection.ToAsync(edge.Dns);

        var watch = Stopwatch.StartNew();
        Assert.Equal(0, await edge.StopAsync(signal));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(12), $"it took {watch.Elapsed}:\n{edge.Output}");
        Assert.DoesNotContain("   at ", edge.Output, StringComparison.Ordinal);
        Assert.True(edge.Output.Contains("The time for requests under way is over (gateway.drain); cut off: 2 requests, 1 WebSocket, 1 stream, 1 connection that had asked nothing\n", StringComparison.Ordinal), edge.Output);
        await Assert.ThrowsAnyAsync<Exception>(() => waiting);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task Who_has_connected_and_not_asked_yet_may_ask_and_who_rests_is_sent_away(string transport)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text.Replace("gateway:\n", $"gateway:\n  transport: {transport}\n  drain: 1m\n", StringComparison.Ordinal));
        await edge.StartAsync();
        await using var rests = await Gateway.RawClient.ConnectAsync(edge.Https, "nas.example.com");
        await rests.SendAsync("GET / HTTP/1.1\r\nHost: nas.example.com\r\n\r\n");
        await rests.ReadAsync("request ");
        await using var silent = await Gateway.RawClient.ConnectAsync(edge.Https, "nas.example.com");
        await using var silentWithHttp2 = await Gateway.RawClient.ConnectAsync(edge.Https, "nas.example.com", http2: true);
        var ended = edge.StopAsync();

        // Ends with the connection.
        await rests.ReadAsync();
        Assert.False(ended.IsCompleted, edge.Output);

        // The web server ends already: the admin API has gone.
        await Eventually.TrueAsync(() => IsRefusedAsync(edge.Admin), () => edge.Output);
        await silent.SendAsync("GET / HTTP/1.1\r\nHost: nas.example.com\r\n\r\n");
        var answer = await silent.ReadAsync();
        Assert.StartsWith("HTTP/1.1 404 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
        await silentWithHttp2.DisposeAsync();
        Assert.Equal(0, await ended);
        Assert.DoesNotContain("cut off", edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_open_requests_it_ends_at_once()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        using (var browser = edge.Browser())
        {
            await browser.GetAsync("https://nas.example.com/");
            var watch = Stopwatch.StartNew();
            Assert.Equal(0, await edge.StopAsync());
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"it took {watch.Elapsed}:\n{edge.Output}");
        }
    }

    [Fact]
    public async Task It_ends_though_a_CA_takes_the_connection_and_says_nothing()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        edge.WriteSettings(text => text + $"\ncertificates:\n  acme:\n    directory: https://{silent.LocalEndpoint}/dir\n    agree-to-terms: true\n");
        await edge.StartAsync();
        using var connection = await silent.AcceptSocketAsync();
        var watch = Stopwatch.StartNew();
        Assert.Equal(0, await edge.StopAsync());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"it took {watch.Elapsed}:\n{edge.Output}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_ends_in_the_middle_of_an_order(bool theCaIsSilent)
    {
        Shell.Need("pebble", "pebble");
        await using var edge = EdgeProcess.InExampleFolder();
        // Pebble asks a name server that takes questions and says nothing, and so waits with its verdict while the challenge is shown.
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var pebble = new PebbleServer(edge.Folder, (IPEndPoint)silent.Client.LocalEndPoint!, validitySeconds: 60);
        await pebble.StartAsync();
        edge.WriteSettings(text => text + $"\ncertificates:\n  acme:\n    directory: {pebble.Directory}\n    agree-to-terms: true\n    trusted-root: {Path.GetFileName(pebble.RootFile)}\n");
        await edge.StartAsync();
        await Eventually.TrueAsync(
            async () => (await edge.DigAsync("_acme-challenge.nas.example.com", "TXT", "+short")).Contains('"', StringComparison.Ordinal), () => edge.Output + pebble.Output);
        if (theCaIsSilent)
        {
            pebble.Freeze();
        }

        var watch = Stopwatch.StartNew();
        Assert.Equal(0, await edge.StopAsync());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"it took {watch.Elapsed}:\n{edge.Output}");
    }

    private static async Task<bool> IsRefusedAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    // Accepts WebSockets and says nothing; begins an answer at /begun; answers nothing at all elsewhere.
    private static async Task<WebApplication> StartBackendAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(async context =>
        {
            using var socket = context.WebSockets.IsWebSocketRequest ? await context.WebSockets.AcceptWebSocketAsync() : null;
            if (context.Request.Path == "/begun")
            {
                await context.Response.WriteAsync("a beginning");
                await context.Response.Body.FlushAsync();
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        await app.StartAsync();
        return app;
    }
}
