using System.Net.WebSockets;
using Edge.Gateway;
using Edge.Tests.Whole;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>What several of a route's promises make together when a destination fails: sticky, breaker, retries and timeouts.</summary>
public sealed class FailoverTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sticky_client_moves_on_when_the_breaker_of_its_destination_opens_and_stays_where_it_went()
    {
        var (sick, asked) = (false, 0);
        RequestDelegate Named(string name) => context =>
        {
            Interlocked.Increment(ref asked);
            context.Response.StatusCode = name == "one" && Volatile.Read(ref sick) ? 503 : 200;
            return context.Response.WriteAsync(name);
        };
        await using var one = await Backend.StartAsync(Named("one"));
        await using var two = await Backend.StartAsync(Named("two"));
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  pair: {{ to: [\"{one.Uri}\", \"{two.Uri}\"], sticky: stay, balance: round-robin, breaker: {{ failures: 2, open: 1h }} }}\n");
        var cookie = "";
        for (var answer = ""; answer != "one";)
        {
            (_, answer, cookie) = await AskAsync(gateway, null);
        }

        Volatile.Write(ref sick, true);
        Assert.Equal(503, (await AskAsync(gateway, cookie)).Status);
        Assert.Equal(503, (await AskAsync(gateway, cookie)).Status);
        var (status, said, moved) = await AskAsync(gateway, cookie);
        Assert.Equal((200, "two"), (status, said));
        Assert.StartsWith("stay=", moved, StringComparison.Ordinal);
        Assert.NotEqual(cookie, moved);

        Volatile.Write(ref sick, false);
        Assert.Equal((200, "two", ""), await AskAsync(gateway, moved));
    }

    [Fact]
    public async Task A_sticky_client_that_was_sent_to_another_destination_is_told_so()
    {
        var one = await Backend.SayingAsync("one");
        await using var two = await Backend.SayingAsync("two");
        await using var three = await Backend.SayingAsync("three");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  pair: {{ to: [\"{one.Uri}\", \"{two.Uri}\", \"{three.Uri}\"], sticky: stay, balance: round-robin }}\n");
        var cookie = "";
        for (var answer = ""; answer != "one";)
        {
            (_, answer, cookie) = await AskAsync(gateway, null);
        }

        Assert.Equal((200, "one", ""), await AskAsync(gateway, cookie));
        await one.DisposeAsync();
        var (_, other, moved) = await AskAsync(gateway, cookie);
        Assert.NotEqual("one", other);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal((200, other, ""), await AskAsync(gateway, moved));
        }
    }

    [Fact]
    public async Task Sticky_routes_of_one_host_do_not_share_a_cookie_that_nobody_named()
    {
        await using var one = await Backend.SayingAsync("one");
        await using var two = await Backend.SayingAsync("two");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($$"""
            services:
              pair:
                to: ["{{one.Uri}}", "{{two.Uri}}"]
                sticky: true
                routes:
                  - { path: /api/*, to: ["{{two.Uri}}", "{{one.Uri}}"] }
                  - { path: /upload/*, max-body: 1GB }
              other: { host: pair.example.com, path: /other/*, to: "{{one.Uri}}", sticky: true }
            """);
        async Task<string> CookieOf(string path) => (await AskAsync(gateway, null, path)).Cookie.Split('=')[0];
        string[] names = [await CookieOf("/"), await CookieOf("/api/x"), await CookieOf("/other/x")];
        Assert.Equal(3, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches("^edge-sticky-[0-9a-f]{8}$", name));
        // Requests that go to the same destinations stay at one, whatever their path.
        Assert.Equal(names[0], await CookieOf("/upload/x"));
    }

    // A destination that cannot be reached is no attempt: nothing was sent.
    [Theory]
    [InlineData(1, 1, 200)]
    [InlineData(2, 1, 502)]
    [InlineData(2, 2, 200)]
    public async Task Destinations_that_cannot_be_reached_use_up_no_retry(int breaks, int retries, int status)
    {
        var asked = 0;
        await using var alive = await Backend.StartAsync(context =>
        {
            if (Interlocked.Increment(ref asked) <= breaks)
            {
                context.Abort();
            }

            return Task.CompletedTask;
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  pair: {{ to: [\"http://127.0.0.1:{Backend.DeadPort()}\", \"http://127.0.0.1:{Backend.DeadPort()}\", \"{alive.Uri}\"], balance: round-robin, retries: {retries} }}\n");
        Assert.Equal(status, (await AskAsync(gateway, null)).Status);
    }

    [Fact]
    public async Task A_request_that_broke_off_goes_to_another_destination()
    {
        await using var breaks = await Backend.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var well = await Backend.SayingAsync("well");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  pair: {{ to: [\"{breaks.Uri}\", \"{well.Uri}\"], balance: round-robin, retries: 1 }}\n");
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal((200, "well"), ((await AskAsync(gateway, null)) is var (status, text, _) ? (status, text) : default));
        }
    }

    [Fact]
    public async Task All_attempts_of_a_request_share_its_time()
    {
        var began = 0;
        // Breaks off when most of the time is over; the next attempt may only have what is left.
        await using var backend = await Backend.StartAsync(async context =>
        {
            Interlocked.Increment(ref began);
            await Task.Delay(TimeSpan.FromSeconds(1.2), context.RequestAborted);
            context.Abort();
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  pair: {{ to: \"{backend.Uri}\", retries: 5, timeouts: {{ request: 2s }} }}\n");
        // With a time for each it would be 502, after six.
        Assert.Equal(504, (await AskAsync(gateway, null)).Status);
        Assert.InRange(began, 1, 2);
    }

    [Theory]
    [InlineData("a WebSocket")]
    [InlineData("a download")]
    [InlineData("a simple download")]
    public async Task A_stream_that_has_begun_closes_the_breaker_and_nobody_waits_for_its_end(string what)
    {
        var sick = true;
        var end = new TaskCompletionSource();
        await using var backend = await Backend.StartAsync(async context =>
        {
            if (Volatile.Read(ref sick))
            {
                context.Response.StatusCode = 503;
            }
            else if (context.WebSockets.IsWebSocketRequest)
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                await end.Task.WaitAsync(context.RequestAborted);
            }
            else if (context.Request.Path == "/long")
            {
                await context.Response.WriteAsync("begun");
                await context.Response.Body.FlushAsync(Cancel);
                await end.Task.WaitAsync(context.RequestAborted);
            }
        });
        var time = new FakeTimeProvider();
        await using var gateway = await RunningGateway.StartAsync(time: time);
        gateway.ServeShort($"services:\n  pair: {{ to: \"{backend.Uri}\", breaker: {{ failures: 1, open: 30s }}{(what == "a download" ? ", request-headers: { set: { X-A: b } }" : "")} }}\n");
        Assert.Equal(503, (await AskAsync(gateway, null)).Status);
        Volatile.Write(ref sick, false);
        Assert.Equal(503, (await AskAsync(gateway, null)).Status);
        time.Advance(TimeSpan.FromSeconds(31));

        using var client = gateway.Client();
        using var socket = new ClientWebSocket();
        if (what == "a WebSocket")
        {
            await socket.ConnectAsync(new Uri("wss://pair.example.com/"), client, Cancel);
        }
        else
        {
            var begun = await client.GetAsync("https://pair.example.com/long", HttpCompletionOption.ResponseHeadersRead, Cancel);
            Assert.Equal(200, (int)begun.StatusCode);
        }

        Assert.Equal(200, (await AskAsync(gateway, null)).Status);
        end.SetResult();
    }

    [Fact]
    public async Task A_download_that_began_before_the_outage_says_nothing_of_it_at_its_end()
    {
        var (sick, ended) = (false, 0);
        var end = new TaskCompletionSource();
        await using var backend = await Backend.StartAsync(async context =>
        {
            if (context.Request.Path == "/long")
            {
                await context.Response.WriteAsync("begun");
                await context.Response.Body.FlushAsync(Cancel);
                await end.Task.WaitAsync(context.RequestAborted);
                Interlocked.Increment(ref ended);
            }
            else if (Volatile.Read(ref sick))
            {
                context.Response.StatusCode = 503;
            }
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  pair: {{ to: \"{backend.Uri}\", breaker: {{ failures: 1, open: 1h }} }}\n");
        using var client = gateway.Client();
        using var begun = await client.GetAsync("https://pair.example.com/long", HttpCompletionOption.ResponseHeadersRead, Cancel);
        Volatile.Write(ref sick, true);
        Assert.Equal(503, (await AskAsync(gateway, null)).Status);
        Volatile.Write(ref sick, false);
        end.SetResult();
        Assert.Equal("begun", await begun.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("breaker open", Assert.Single(RouteReport.Of(Assert.Single(gateway.Routes.Current.ForHost("pair.example.com"))).Destinations).Health);
    }

    private static async Task<(int Status, string Text, string Cookie)> AskAsync(RunningGateway gateway, string? cookie, string path = "/")
    {
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://pair.example.com" + path);
        request.Headers.TryAddWithoutValidation("Cookie", cookie);
        using var response = await client.SendAsync(request, Cancel);
        var set = response.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies.Single().Split(';')[0] : "";
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancel), set);
    }
}
