using System.Net;
using System.Text.Json;
using Edge.Access;
using Edge.Connections;
using Edge.Observability;
using Edge.Services;
using Edge.Stores;
using Edge.Tests.Certificates;
using Edge.Tests.Gateway.Straight;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using Eventually = Edge.Tests.Whole.Eventually;

namespace Edge.Tests.Gateway.Front;

/// <summary>Connections whose requests are read before the web server: what they ask, what may change under them, and how they go on to it.</summary>
public sealed class FrontTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private const string Ask = "GET / HTTP/1.1\r\nHost: raw.example.com\r\n\r\n";

    [Theory]
    [InlineData(true, "GET / HTTP/1.1\r\nHost: raw.example.com\r\n\r\n")]
    [InlineData(true, "HEAD /a?b HTTP/1.1\r\nhost: raw.example.com\r\nuser-agent: a\r\nAccept: text/html, */*\r\nCookie: a=b\r\nX-Own:\r\n\r\n")]
    [InlineData(false, "GET / HTTP/1.1\r\nHost: raw.example.com\r\nAccept: text/event-stream\r\n\r\n")]
    [InlineData(false, "GET / HTTP/1.1\r\nHost: raw.example.com\r\nX-Own: a\r\nX-Own: b\r\n\r\n")]
    [InlineData(false, "GET / HTTP/1.1\r\nHost: raw.example.com\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n")]
    [InlineData(false, "GET / HTTP/1.1\r\nHost: raw.example.com\r\nRemote_User: admin\r\n\r\n")]
    [InlineData(false, "GET /%00 HTTP/1.1\r\nHost: raw.example.com\r\n\r\n")]
    [InlineData(false, "GET /../x HTTP/1.1\r\nHost: raw.example.com\r\n\r\n")]
    [InlineData(false, "GET / HTTP/1.0\r\nHost: raw.example.com\r\n\r\n")]
    [InlineData(false, "GET / HTTP/1.1\r\nHost: raw.example.com\r\nUpgrade: websocket\r\n\r\n")]
    [InlineData(false, "GET / HTTP/1.1\r\nHost: raw.example.com\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(false, "GET / HTTP/1.1\r\nHost: guarded.example.com\r\n\r\n")]
    [InlineData(false, "GET / HTTP/1.1\r\nHost: nowhere.example.com\r\n\r\n")]
    [InlineData(false, "GET / HTTP/1.1\r\nHost: balanced.example.com\r\n\r\n")]
    [InlineData(false, "PUT / HTTP/1.1\r\nHost: raw.example.com\r\nContent-Length: 0\r\n\r\n")]
    public async Task Simple_requests_are_served_in_front_and_all_others_by_the_web_server(bool inFront, string request)
    {
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of("HTTP/1.1 204 No Content\r\n\r\n"));
        await using var gateway = await RunningGateway.StartAsync(transport: TransportKind.Epoll);
        gateway.Serve(
            RunningGateway.Service("raw", destination.Uri),
            RunningGateway.Service("guarded", destination.Uri) with { Access = new ServiceAccess { Users = ["*"] } },
            RunningGateway.Service("balanced", destination.Uri, destination.Uri + "other/"));
        await using var client = await RawClient.ConnectAsync(gateway.Https);
        await client.SendAsync(request);
        Assert.StartsWith("HTTP/1.1 ", await client.ReadAsync("\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal(inFront ? 1 : 0, gateway.FrontConnections);
    }

    // RFC 9112 section 9.3.2: requests may follow each other without waiting, and are answered in their order.
    [Fact]
    public async Task Requests_that_came_together_are_answered_in_their_order_by_both()
    {
        await using var destination = new ScriptedDestination(number => ScriptedAnswer.Of($"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{number}"));
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await RawClient.ConnectAsync(gateway.Https);
        await client.SendAsync($"{Ask}{Ask}DELETE /x HTTP/1.1\r\nHost: raw.example.com\r\n\r\n{Ask.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal)}");

        var answers = (await client.ReadAsync()).Split("HTTP/1.1 200 OK\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["0", "1", "2", "3"], answers.Select(answer => answer[^1..]));
        Assert.Equal(4, answers.Select(answer => answer.Split("\r\n").Single(line => line.StartsWith("X-Request-Id: ", StringComparison.OrdinalIgnoreCase))).Distinct().Count());
        Assert.Equal(["GET", "GET", "DELETE", "GET"], destination.Asked.Select(head => head.Split(' ')[0]));
    }

    // RFC 9112 section 9.6: the answer says so as well, and what was sent behind such a request is not read.
    [Theory]
    [InlineData("epoll", "close")]
    [InlineData("epoll", "CLOSE")]
    [InlineData("sockets", "close")]
    [InlineData("sockets", "CLOSE")]
    public async Task Who_says_that_the_connection_ends_gets_one_answer(string transport, string close)
    {
        using var next = new SemaphoreSlim(0);
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Cut(System.Text.Encoding.ASCII.GetBytes(Ok), [10]) with { Next = next });
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await RawClient.ConnectAsync(gateway.Https);
        await client.SendAsync($"{Ask.Replace("\r\n\r\n", $"\r\nConnection: {close}\r\n\r\n", StringComparison.Ordinal)}{Ask}");
        await Eventually.TrueAsync(() => Task.FromResult(destination.Asked.Count == 1), () => "the destination is asked");
        Assert.Equal(transport == "epoll" ? 1 : 0, gateway.FrontConnections);
        next.Release(8);

        var answer = await client.ReadAsync();
        Assert.Single(answer.Split("HTTP/1.1 200 OK\r\n", StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("ok", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("close", Assert.Single(destination.Asked), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(41)]
    public async Task A_head_in_pieces_is_a_request_like_others(int cut)
    {
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of(Ok));
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await RawClient.ConnectAsync(gateway.Https);
        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync(Ask[..cut]);
            await client.SendAsync(Ask[cut..]);
            Assert.EndsWith("ok", await client.ReadAsync("ok"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task What_changes_is_so_for_the_next_request_of_an_open_connection(string transport)
    {
        await using var store = new MemoryStore(TimeProvider.System, NullLogger<MemoryStore>.Instance);
        var bans = new BanManager(new BanSetup { Options = new BanOptions { Never = [] }, IsLan = _ => false, Store = store, Time = TimeProvider.System, Log = NullLogger.Instance });
        await bans.LoadAsync(RunningGateway.Cancel);
        await using var one = new ScriptedDestination(_ => ScriptedAnswer.Of(Ok));
        await using var two = new ScriptedDestination(_ => ScriptedAnswer.Of(Ok));
        await using var gateway = await RunningGateway.StartAsync(bans: bans, transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        foreach (var (change, status, asked) in new (Func<Task>, int, int)[]
        {
            (() => Serve(RunningGateway.Service("raw", two.Uri)), 200, 1),
            (() => Serve(RunningGateway.Service("raw", one.Uri) with { Access = new ServiceAccess { Allow = [AllowedClients.Parse("203.0.113.0/24")!] } }), 403, 0),
            (() => Serve(RunningGateway.Service("else", one.Uri)), 404, 0),
            (async () => await bans.AddAsync(IPNetwork.Parse("127.0.0.1/32"), "by hand", Ban.ByAdmin, null, RunningGateway.Cancel), 403, 0),
        })
        {
            gateway.Serve(RunningGateway.Service("raw", one.Uri));
            await using var client = await RawClient.ConnectAsync(gateway.Https);
            await client.SendAsync(Ask);
            Assert.EndsWith("ok", await client.ReadAsync("ok"), StringComparison.Ordinal);
            Assert.Equal(transport == "epoll" ? 1 : 0, gateway.FrontConnections);
            var before = two.Asked.Count;
            await change();
            await client.SendAsync(Ask);
            Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadAsync("\r\n\r\n"), StringComparison.Ordinal);
            Assert.Equal(asked, two.Asked.Count - before);
        }

        Task Serve(Service service)
        {
            gateway.Serve(service);
            return Task.CompletedTask;
        }
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task A_connection_ends_with_the_answer_under_way_or_at_once(string transport)
    {
        using var next = new SemaphoreSlim(0);
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Cut(System.Text.Encoding.ASCII.GetBytes(Ok), [10]) with { Next = next });
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var working = await RawClient.ConnectAsync(gateway.Https);
        await working.SendAsync(Ask);
        await Eventually.TrueAsync(() => Task.FromResult(destination.Asked.Count == 1), () => "the destination is asked");
        gateway.Listeners.Open.EndIdle();
        next.Release(8);
        var answer = await working.ReadAsync();
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("ok", answer, StringComparison.Ordinal);

        await using var resting = await RawClient.ConnectAsync(gateway.Https);
        await using var silent = await RawClient.ConnectAsync(gateway.Https);
        await resting.SendAsync(Ask);
        Assert.EndsWith("ok", await resting.ReadAsync("ok"), StringComparison.Ordinal);
        gateway.Listeners.Open.EndIdle();
        Assert.Equal("", await resting.ReadAsync());
        Assert.False(silent.ReadAsync().IsCompleted);
        gateway.Listeners.Open.EndAll();
        await Eventually.TrueAsync(() => Task.FromResult(gateway.FrontConnections == 0), () => "the silent one ends as well");
    }

    // The web server has the same time, by the system's clock.
    [Fact]
    public async Task Rest_ends_a_connection()
    {
        var time = new FakeTimeProvider();
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of(Ok));
        await using var gateway = await RunningGateway.StartAsync(time: time, transport: TransportKind.Epoll);
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await RawClient.ConnectAsync(gateway.Https);
        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync(Ask);
            Assert.EndsWith("ok", await client.ReadAsync("ok"), StringComparison.Ordinal);
            Pass(time, 120);
            Assert.Equal(1, gateway.FrontConnections);
        }

        Pass(time, 20);
        Assert.Equal("", await client.ReadAsync());
        await Eventually.TrueAsync(() => Task.FromResult(gateway.FrontConnections == 0), () => "it is over");
    }

    // On the event loops, whose clock can be set: over sockets the framework's is the system's.
    [Theory]
    [InlineData("refused", 502)]
    [InlineData("closes", 502)]
    [InlineData("silent", 504)]
    public async Task What_was_asked_in_vain_is_answered_told_and_counted_as_all_others(string how, int status)
    {
        using var folder = new TemporaryFolder();
        var time = new FakeTimeProvider();
        using var never = new SemaphoreSlim(0);
        await using var destination = new ScriptedDestination(_ => how == "closes" ? new ScriptedAnswer() { Closes = true } : new ScriptedAnswer([]) { Next = never });
        await using (var room = ObservabilityRoom.Open(new() { File = Path.Combine(folder.Path, "access.log") }, false, TimeProvider.System, NullLogger.Instance))
        {
            room.Start();
            await using var gateway = await RunningGateway.StartAsync(observed: room, time: time, transport: TransportKind.Epoll);
            gateway.Serve(RunningGateway.Service("raw", how == "refused" ? "http://127.0.0.1:1" : destination.Uri));
            await using var client = await RawClient.ConnectAsync(gateway.Https);
            await client.SendAsync(Ask);
            if (how == "silent")
            {
                await Eventually.TrueAsync(() => Task.FromResult(destination.Asked.Count == 1), () => "the destination is asked");
                Pass(time, 103);
            }

            Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadAsync("\r\n\r\n"), StringComparison.Ordinal);
            Assert.Equal(how == "refused" ? 0 : 1, destination.Asked.Count);
            Assert.Equal(0, room.Requests.InFlight);
            var counts = Assert.Single(room.Requests.Routes);
            Assert.Equal("service:raw", counts.Key);
            Assert.Equal(("5xx", 1), Assert.Single(counts.Value.ByClass()));
            Assert.Contains(gateway.Logged, line => line.Contains("route service:raw failed", StringComparison.Ordinal));
        }

        var line = JsonDocument.Parse(Assert.Single(await File.ReadAllLinesAsync(Path.Combine(folder.Path, "access.log"), RunningGateway.Cancel))).RootElement;
        Assert.Equal(status, line.GetProperty("status").GetInt32());
        Assert.NotEqual(0, line.GetProperty("duration").GetDouble());
    }

    private static void Pass(FakeTimeProvider time, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
