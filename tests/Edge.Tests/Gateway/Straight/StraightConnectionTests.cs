using System.Net;
using System.Net.Sockets;
using Edge.Connections;
using Edge.Gateway;
using Edge.Gateway.Straight;
using Edge.Tests.Whole;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Gateway.Straight;

/// <summary>Connections to destinations are used again for as long as they are good, and no request pays for one that is not.</summary>
public sealed class StraightConnectionTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public async Task One_connection_carries_one_request_after_the_other()
    {
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of(Ok));
        await AskAsync(destination, 5);
        Assert.Equal(1, destination.Connections);
    }

    // Of the straight way: YARP has a client, and connections, for each service.
    [Fact]
    public async Task Services_behind_one_address_share_its_connections()
    {
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of(Ok));
        await using var gateway = await RunningGateway.StartAsync(transport: TransportKind.Epoll);
        gateway.Serve([.. Enumerable.Range(0, 20).Select(number => RunningGateway.Service($"s{number}", destination.Uri + (number % 2 == 0 ? "" : "base/")))]);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("ok", await gateway.TextAsync($"https://s{i}.example.com/"));
        }

        Assert.Equal(1, destination.Connections);
    }

    [Fact]
    public async Task A_connection_that_was_closed_at_rest_is_not_used_again()
    {
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of(Ok) with { Closes = true });
        await AskAsync(destination, 5);
        Assert.Equal(5, destination.Connections);
    }

    // RFC 9112 section 9.3.1: the other end may close at any time, so that the question and the end pass each other.
    [Fact]
    public async Task A_question_that_met_the_end_of_its_connection_is_asked_again()
    {
        await using var destination = new ScriptedDestination(number => number % 2 == 0 ? ScriptedAnswer.Of(Ok) : new ScriptedAnswer() { Closes = true });
        await AskAsync(destination, 3);
        Assert.Equal(5, destination.Asked.Count);
    }

    // A request that ends every connection it comes to must not come to all of them. The framework's client asks three times more.
    [Theory]
    [InlineData("epoll", 2)]
    [InlineData("sockets", 4)]
    public async Task A_question_that_is_never_answered_is_asked_a_few_times_at_most(string transport, int most)
    {
        var dies = false;
        await using var destination = new ScriptedDestination(_ => Volatile.Read(ref dies) ? new ScriptedAnswer() { Closes = true } : ScriptedAnswer.Of(Ok));
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => gateway.TextAsync("https://raw.example.com/")));
        Volatile.Write(ref dies, true);
        var before = destination.Asked.Count;
        using var response = await gateway.GetAsync("https://raw.example.com/");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.InRange(destination.Asked.Count - before, 1, most);
    }

    // RFC 9110 section 9.2.2: a proxy may not send again by itself what is not idempotent. The way of such requests is YARP's over both.
    [Theory]
    [InlineData("epoll", "POST", "")]
    [InlineData("epoll", "PATCH", "")]
    [InlineData("sockets", "POST", "")]
    [InlineData("sockets", "POST", "Content-Length: 0\r\n")]
    public async Task What_may_not_be_sent_twice_is_asked_once(string transport, string method, string length)
    {
        await using var destination = new ScriptedDestination(_ => new ScriptedAnswer() { Closes = true });
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await RawClient.ConnectAsync(gateway.Https);
        await client.SendAsync($"{method} / HTTP/1.1\r\nHost: raw.example.com\r\nConnection: close\r\n{length}\r\n");
        Assert.StartsWith("HTTP/1.1 502 ", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Length: 0\r\n", Assert.Single(destination.Asked), StringComparison.OrdinalIgnoreCase);
    }

    // Section 16.1.1 has the registry; WebDAV's methods are in it.
    [Theory]
    [InlineData("GET", true)]
    [InlineData("PUT", true)]
    [InlineData("DELETE", true)]
    [InlineData("MOVE", true)]
    [InlineData("PROPFIND", true)]
    [InlineData("POST", false)]
    [InlineData("PATCH", false)]
    [InlineData("LOCK", false)]
    [InlineData("CONNECT", false)]
    [InlineData("get", false)]
    [InlineData("PURGE", false)]
    public void Only_methods_of_the_registry_may_be_sent_twice(string method, bool may) => Assert.Equal(may, IdempotentMethods.Has(method));

    [Fact]
    public async Task What_a_destination_says_unasked_is_nobodys_answer()
    {
        await using var destination = new ScriptedDestination(number => ScriptedAnswer.Of(number == 0 ? Ok + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil" : Ok));
        await AskAsync(destination, 3);
        Assert.Equal(2, destination.Connections);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task A_client_that_leaves_ends_the_request_at_the_destination(string transport)
    {
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        using (var client = gateway.Client())
        {
            using var response = await client.GetAsync("https://raw.example.com/", HttpCompletionOption.ResponseHeadersRead, RunningGateway.Cancel);
        }

        await Eventually.TrueAsync(() => Task.FromResult(destination.Closed == 1), () => $"the destination sees the end: {destination.Closed}");
    }

    [Fact]
    public async Task Silence_ends_a_request_and_rest_a_connection()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var loops = new EventLoops(NullLogger<EventLoops>.Instance);
        var time = new FakeTimeProvider();
        using var watch = new StraightWatch(time);
        var address = (IPEndPoint)listener.LocalEndpoint;
        var home = new StraightConnections(new DnsEndPoint("127.0.0.1", address.Port), loops.All.Length, watch);
        var connector = new LoopConnector(loops);

        var silent = home.Add(await connector.ConnectSocketAsync(home.EndPoint, RunningGateway.Cancel), time.GetTimestamp());
        silent.Begin(new byte[StraightConnection.BufferSize], time.GetTimestamp(), 10 * time.TimestampFrequency, CancellationToken.None);
        var reading = silent.ReceiveAsync(silent.Buffer).AsTask();
        Pass(time, 9);
        Assert.Null(silent.Broken);
        Pass(time, 3);
        Assert.Equal(BreakReason.Silence, silent.Broken);
        await Assert.ThrowsAsync<IOException>(() => reading);

        var resting = home.Add(await connector.ConnectSocketAsync(home.EndPoint, RunningGateway.Cancel), time.GetTimestamp());
        resting.Begin(new byte[StraightConnection.BufferSize], time.GetTimestamp(), 10 * time.TimestampFrequency, CancellationToken.None);
        resting.End(reusable: true, time.GetTimestamp());
        Pass(time, 59);
        Assert.False(resting.IsOver);
        Assert.Same(resting, home.Take(time.GetTimestamp()));
        resting.Begin(new byte[StraightConnection.BufferSize], time.GetTimestamp(), 10 * time.TimestampFrequency, CancellationToken.None);
        resting.End(reusable: true, time.GetTimestamp());
        Pass(time, 62);
        Assert.True(resting.IsOver);
        Assert.Null(home.Take(time.GetTimestamp()));
    }

    private static void Pass(FakeTimeProvider time, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private static async Task AskAsync(ScriptedDestination destination, int requests)
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        for (var i = 0; i < requests; i++)
        {
            Assert.Equal("ok", await gateway.TextAsync("https://raw.example.com/"));
        }
    }
}
