using System.Net;
using System.Net.Sockets;
using Edge.Gateway;
using Edge.Services.Routing;
using Edge.Tests.Whole;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace Edge.Tests.Gateway;

/// <summary>How several destinations share the requests, and what happens when they fail.</summary>
public sealed class TrafficTests
{
    [Fact]
    public async Task Weights_are_kept_exactly()
    {
        await using var one = await Backend.SayingAsync("one");
        await using var two = await Backend.SayingAsync("two");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($$"""
            services:
              pair: { to: [ { url: "{{one.Uri}}", weight: 3 }, "{{two.Uri}}" ] }
            """);
        Assert.Equal(6, (await AskAsync(gateway, 8)).Count(answer => answer == "one"));
    }

    [Theory]
    [InlineData("{ hash: header, name: X-User }", "X-User", "")]
    [InlineData("{ hash: cookie, name: session }", "Cookie", "session=")]
    public async Task A_hash_sends_the_same_to_the_same_and_moves_only_the_share_of_one_that_goes(string balance, string header, string before)
    {
        var backends = new List<Backend>();
        for (var i = 0; i < 4; i++)
        {
            var name = $"{i}";
            backends.Add(await Backend.SayingAsync(name));
        }

        await using var gateway = await RunningGateway.StartAsync();
        void Serve(int count) => gateway.ServeShort($"services:\n  pair: {{ to: [{string.Join(", ", backends.Take(count).Select(backend => $"\"{backend.Uri}\""))}], balance: {balance} }}\n");
        Serve(4);
        var all = new List<string>();
        var fewer = new List<string>();
        for (var user = 0; user < 40; user++)
        {
            all.Add(await AskAsync(gateway, header, $"{before}user{user}"));
            Assert.Equal(all[user], await AskAsync(gateway, header, $"{before}user{user}"));
        }

        Serve(3);
        for (var user = 0; user < 40; user++)
        {
            fewer.Add(await AskAsync(gateway, header, $"{before}user{user}"));
        }

        Assert.Equal(4, all.Distinct().Count());
        Assert.All(all.Zip(fewer), pair => Assert.True(pair.First == "3" ? pair.Second != "3" : pair.First == pair.Second));
        foreach (var backend in backends)
        {
            await backend.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_sticky_client_stays_and_moves_when_its_destination_goes()
    {
        await using var one = await Backend.SayingAsync("one");
        await using var two = await Backend.SayingAsync("two");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  pair: {{ to: [\"{one.Uri}\", \"{two.Uri}\"], sticky: true, balance: round-robin }}\n");
        using var first = await gateway.GetAsync("https://pair.example.com/");
        var cookie = Assert.Single(first.Headers.GetValues("Set-Cookie"));
        var stays = await first.Content.ReadAsStringAsync(RunningGateway.Cancel);
        Assert.StartsWith("edge-sticky-", cookie);
        Assert.Contains("; secure", cookie);
        Assert.Contains("; httponly", cookie);
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(stays, await AskAsync(gateway, "Cookie", cookie.Split(';')[0]));
        }

        gateway.ServeShort($"services:\n  pair: {{ to: \"{(stays == "one" ? two : one).Uri}\", sticky: true }}\n");
        Assert.NotEqual(stays, await AskAsync(gateway, "Cookie", cookie.Split(';')[0]));
    }

    [Fact]
    public async Task A_destination_that_says_it_is_not_well_gets_no_requests_until_it_is()
    {
        var status = 500;
        await using var one = await Backend.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Path == "/healthz" ? Volatile.Read(ref status) : 200;
            return context.Response.WriteAsync("one");
        });
        await using var two = await Backend.SayingAsync("two");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  pair: {{ to: [\"{one.Uri}\", \"{two.Uri}\"], balance: round-robin, health: {{ path: /healthz, interval: 1s, threshold: 1, status: [200, 418] }} }}\n");
        await Eventually.TrueAsync(async () => (await AskAsync(gateway, 4)).All(answer => answer == "two"), () => string.Join('\n', gateway.Logged));
        Volatile.Write(ref status, 418);
        await Eventually.TrueAsync(async () => (await AskAsync(gateway, 4)).Contains("one"), () => string.Join('\n', gateway.Logged));
    }

    [Theory]
    [InlineData("retries: 2", "GET", 200)]
    [InlineData("retries: 2", "POST", 502)]
    [InlineData("retries: 0", "GET", 502)]
    [InlineData("retries: 1", "GET", 502)]
    public async Task What_may_be_sent_twice_is_sent_again_as_often_as_the_route_says(string said, string method, int status)
    {
        var asked = 0;
        await using var backend = await Backend.StartAsync(context =>
        {
            if (Interlocked.Increment(ref asked) < 3)
            {
                context.Abort();
            }

            return Task.CompletedTask;
        });
        await using var gateway = await RunningGateway.StartAsync();
        // HTTP/1.1 clients repeat by themselves what broke off on a connection that was used before.
        gateway.ServeShort($"services:\n  pair: {{ to: \"{backend.Uri}\", {said} }}\n");
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), "https://pair.example.com/") { Content = method == "POST" ? new StringContent("x") : null };
        using var response = await client.SendAsync(request, RunningGateway.Cancel);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task After_failures_in_a_row_a_destination_is_left_alone()
    {
        var asked = 0;
        await using var backend = await Backend.StartAsync(context =>
        {
            Interlocked.Increment(ref asked);
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  pair: {{ to: \"{backend.Uri}\", breaker: {{ failures: 3, open: 1h }} }}\n");
        for (var i = 0; i < 6; i++)
        {
            using var response = await gateway.GetAsync("https://pair.example.com/");
            Assert.Equal(503, (int)response.StatusCode);
        }

        Assert.Equal(3, asked);
        var destination = Assert.Single(RouteReport.Of(Assert.Single(gateway.Routes.Current.ForHost("pair.example.com"))).Destinations);
        Assert.Equal(("breaker open", false), (destination.Health, destination.InUse));
        Assert.Contains(gateway.Logged, line => line.Contains($"failed with NoAvailableDestinations: after failures in a row nothing is asked of {backend.Uri} for a while (breaker)", StringComparison.Ordinal));
    }

    [Fact]
    public void A_breaker_lets_one_request_try_after_its_time()
    {
        var time = new FakeTimeProvider();
        var breakers = new CircuitBreakers(time);
        var settings = new BreakerSettings(2, TimeSpan.FromSeconds(30));
        var destination = new DestinationState("one", new DestinationModel(new DestinationConfig { Address = "http://192.0.2.1" }));
        void Report(bool? failed, bool isTrial = false) => breakers.Report(destination, settings, failed, isTrial);
        bool Enters(out bool isTrial) => breakers.Enter(destination, out isTrial);
        Report(failed: true);
        Report(failed: false);
        Report(failed: true);
        Assert.True(Enters(out var isTrial) && !isTrial, "a good answer begins the count anew");
        Report(failed: true);
        Assert.False(Enters(out _), "two in a row");
        Report(failed: false);
        Assert.False(Enters(out _), "what began before the failures is no proof");
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(Enters(out isTrial) && isTrial, "one may try");
        Assert.False(Enters(out _), "and only one");
        Report(failed: null);
        Report(failed: true);
        Assert.False(Enters(out _), "what began before the failures does not end its trial");
        Report(failed: null, isTrial: true);
        Assert.True(Enters(out _), "a client that went away proved nothing");
        Report(failed: true, isTrial: true);
        Assert.False(Enters(out _), "it failed again");
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(Enters(out _));
        Report(failed: false, isTrial: true);
        Assert.True(Enters(out isTrial) && !isTrial && Enters(out _), "closed");
    }

    [Theory]
    [InlineData("timeouts: { request: 1s }", 504)]
    [InlineData("timeouts: { idle: 1s }", 504)]
    public async Task A_request_that_takes_too_long_ends(string said, int status)
    {
        await using var backend = await Backend.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  slow: {{ to: \"{backend.Uri}\", {said} }}\n");
        using var response = await gateway.GetAsync("https://slow.example.com/");
        Assert.Equal(status, (int)response.StatusCode);
    }

    // What a client asks for is no promise of the destination's: only its answer shows a stream.
    [Theory]
    [InlineData("timeouts: { request: 1s }", "Accept", "text/event-stream")]
    [InlineData("timeouts: { idle: 1s }", "Accept", "text/event-stream")]
    [InlineData("timeouts: { request: 1s }", "Upgrade", "websocket")]
    [InlineData("timeouts: { idle: 1s }", "Upgrade", "websocket")]
    [InlineData("timeouts: { request: 1s }", "Upgrade", "anything")]
    [InlineData("timeouts: { idle: 1s }", "Upgrade", "anything")]
    public async Task One_that_only_asks_for_a_stream_ends_as_well(string said, string header, string value)
    {
        await using var backend = await Backend.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  slow: {{ to: \"{backend.Uri}\", {said} }}\n");
        using var response = await AskForStreamAsync(gateway, header, value);
        Assert.Equal(504, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("Accept", "text/event-stream")]
    [InlineData("Upgrade", "websocket")]
    public async Task And_one_whose_answer_turns_out_to_be_no_stream(string header, string value)
    {
        await using var backend = await Backend.StartAsync(async context =>
        {
            await context.Response.WriteAsync("begun");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  slow: {{ to: \"{backend.Uri}\", timeouts: {{ request: 1s, idle: 30s }} }}\n");
        using var response = await AskForStreamAsync(gateway, header, value);
        Assert.Equal(200, (int)response.StatusCode);
        // Broken off, long before the silence would be too long.
        await Assert.ThrowsAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync(RunningGateway.Cancel).WaitAsync(TimeSpan.FromSeconds(10), RunningGateway.Cancel));
    }

    private static async Task<HttpResponseMessage> AskForStreamAsync(RunningGateway gateway, string header, string value)
    {
        using var client = gateway.Client();
        client.Timeout = TimeSpan.FromSeconds(10);
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://slow.example.com/");
        request.Headers.TryAddWithoutValidation(header, value);
        if (header == "Upgrade")
        {
            request.Headers.Connection.Add("Upgrade");
        }

        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, RunningGateway.Cancel);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused()
    {
        await using var backend = await Backend.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null));
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  app: {{ to: \"{backend.Uri}\", max-body: 1KB, routes: [ {{ path: /big/*, max-body: 1GB }} ] }}\n");
        using var client = gateway.Client();
        foreach (var (path, size, status) in new[] { ("/", 1024, 200), ("/", 1025, 413), ("/big/x", 100_000, 200) })
        {
            using var response = await client.PostAsync("https://app.example.com" + path, new ByteArrayContent(new byte[size]), RunningGateway.Cancel);
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task Plain_HTTP2_to_a_destination_with_trailers_as_gRPC_has_them()
    {
        var builder = await H2cBackend.StartAsync();
        await using var backend = builder;
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  rpc: {{ to: \"{backend.Uri}\", protocol: h2, compress: true }}\n");
        using var client = gateway.Client(HttpVersion.Version20);
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://rpc.example.com/Greeter/Hello") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent([1, 2, 3]) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "br");
        using var response = await client.SendAsync(request, RunningGateway.Cancel);
        Assert.Equal("HTTP/2", await response.Content.ReadAsStringAsync(RunningGateway.Cancel));
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
    }

    [Theory]
    [InlineData("balance: fair", "balance: \"fair\" is not one of p2c, round-robin, least, weighted, hash")]
    [InlineData("balance: { hash: header }", "balance: says not what is hashed")]
    [InlineData("sticky: \"a b\"", "sticky: \"a b\" is neither true nor the name of a cookie")]
    [InlineData("health: healthz", "health: \"healthz\" is not a path")]
    [InlineData("health: { path: /h, status: 99 }", "health.status: \"99\" is not a status")]
    [InlineData("retries: 6", "retries: \"6\" is not a whole number from 0 to 5")]
    [InlineData("breaker: { failures: 0 }", "breaker.failures: \"0\" is not a whole number")]
    [InlineData("timeouts: { idle: 0s }", "timeouts.idle: is not a time up to 24h")]
    [InlineData("timeouts: { total: 1s }", "timeouts.total: is not a known key")]
    [InlineData("max-body: big", "max-body: \"big\" is not a size such as 10MB")]
    [InlineData("protocol: h3", "protocol: \"h3\" is not one of h1, h2")]
    [InlineData("compress: zstd", "compress: \"zstd\" is not true, false, br or gzip")]
    [InlineData("error-page: error.html", "error-page: \"error.html\" is not an absolute path")]
    [InlineData("maintenance: [a]", "maintenance: is a list")]
    public void A_mistake_is_told_with_its_field(string said, string expected)
    {
        var (services, problems) = ShortForm.Read($"services:\n  app:\n    to: http://192.0.2.1\n    {said}\n");
        Assert.Empty(services);
        Assert.Contains(expected, Assert.Single(problems).ToString());
    }

    private static async Task<List<string>> AskAsync(RunningGateway gateway, int times)
    {
        var answers = new List<string>();
        for (var i = 0; i < times; i++)
        {
            answers.Add(await gateway.TextAsync("https://pair.example.com/"));
        }

        return answers;
    }

    private static async Task<string> AskAsync(RunningGateway gateway, string header, string value)
    {
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://pair.example.com/");
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await client.SendAsync(request, RunningGateway.Cancel);
        return await response.Content.ReadAsStringAsync(RunningGateway.Cancel);
    }
}
