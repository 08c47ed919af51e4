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
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "held.yaml"), $"services:\n  held:\n    to: {backend.Urls.First()}\n");
        await edge.StartAsync();
        using var browser = edge.Browser();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri("wss://held.nas.example.com/"), new HttpMessageInvoker(GatewayClient.Handler(Path.Combine(edge.Folder, "data", "ca", "root.crt"), edge.Https, false)), TestContext.Current.CancellationToken);
        using var answer = await browser.GetAsync("https://held.nas.example.com/begun", HttpCompletionOption.ResponseHeadersRead);
        var waiting = browser.GetAsync("https://held.nas.example.com/never");
        await using var tcp = await OpenConnection.ToAsync(edge.Dns);

        var watch = Stopwatch.StartNew();
        Assert.Equal(0, await edge.StopAsync(signal));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(12), $"it took {watch.Elapsed}:\n{edge.Output}");
        Assert.DoesNotContain("   at ", edge.Output, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => waiting);
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
