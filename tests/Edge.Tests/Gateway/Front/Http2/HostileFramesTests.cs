using System.Text;
using Edge.Connections;
using Edge.Gateway.Front.Http2;
using Edge.Tests.Gateway.Straight;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static Edge.Tests.Gateway.Front.Http2.FrameClient;
using Eventually = Edge.Tests.Whole.Eventually;

namespace Edge.Tests.Gateway.Front.Http2;

/// <summary>RFC 9113: what a client may not do ends its stream or its connection, and nobody else's: by the front on the event loops, by the web server over sockets.</summary>
public sealed class HostileFramesTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    // What comes behind an answered request of stream 1, and how the front ends the connection.
    public static TheoryData<string, byte[], int> Faults => new()
    {
        { "4.2: a frame that is too long", Frame(FrameType.Data, 0, 3, new byte[16_385]), 6 },
        { "5.1: a body of a stream that has not begun", Frame(FrameType.Data, 0, 3, 1), 1 },
        { "5.1: a body of a stream that is over", Frame(FrameType.Data, 0, 1, 1), 5 },
        { "5.1: fields of a stream that is over", Request(1), 5 },
        { "5.1: the end of a stream that has not begun", Number(FrameType.ResetStream, 3, 8), 1 },
        { "5.1: a window of a stream that has not begun", Number(FrameType.WindowUpdate, 3, 8), 1 },
        { "5.1.1: an even number", Request(2), 1 },
        { "5.1.1: a number that was passed", [.. Request(5), .. Request(3)], 5 },
        { "6.1: a body of the connection", Frame(FrameType.Data, 0, 0, 1), 1 },
        { "6.2: fields of the connection", Request(0), 1 },
        { "6.2: more padding than there is", Frame(FrameType.Headers, 0xd, 3, 9, 0x82), 1 },
        { "6.2: a priority that is cut off", Frame(FrameType.Headers, 0x25, 3, 9, 0x82), 1 },
        { "6.3: a priority of the connection", Frame(FrameType.Priority, 0, 0, new byte[5]), 1 },
        { "6.3: a priority of the wrong length", Frame(FrameType.Priority, 0, 3, new byte[4]), 6 },
        { "6.4: the end of the connection's stream", Number(FrameType.ResetStream, 0, 8), 1 },
        { "6.4: an end of the wrong length", Frame(FrameType.ResetStream, 0, 1, new byte[3]), 6 },
        { "6.5: settings of a stream", Frame(FrameType.Settings, 0, 1), 1 },
        { "6.5: settings of no whole number", Frame(FrameType.Settings, 0, 0, new byte[5]), 6 },
        { "6.5: an answer with settings", Frame(FrameType.Settings, FrameFlags.Ack, 0, new byte[6]), 6 },
        { "6.5.2: a push of two", Frame(FrameType.Settings, 0, 0, Setting(Edge.Gateway.Front.Http2.Setting.EnablePush, 2)), 1 },
        { "6.5.2: a window that is too large", Frame(FrameType.Settings, 0, 0, Setting(Edge.Gateway.Front.Http2.Setting.InitialWindowSize, 0x80000000)), 3 },
        { "6.5.2: frames that are too short", Frame(FrameType.Settings, 0, 0, Setting(Edge.Gateway.Front.Http2.Setting.MaxFrameSize, 16_383)), 1 },
        { "6.5.2: frames that are too long", Frame(FrameType.Settings, 0, 0, Setting(Edge.Gateway.Front.Http2.Setting.MaxFrameSize, 0x1000000)), 1 },
        { "6.6: a push", Frame(FrameType.PushPromise, 4, 1, new byte[5]), 1 },
        { "6.7: a ping of a stream", Frame(FrameType.Ping, 0, 1, new byte[8]), 1 },
        { "6.7: a ping of the wrong length", Frame(FrameType.Ping, 0, 0, new byte[7]), 6 },
        { "6.8: a farewell of a stream", Frame(FrameType.GoAway, 0, 1, new byte[8]), 1 },
        { "6.9: a window by nothing", Number(FrameType.WindowUpdate, 0, 0), 1 },
        { "6.9: a window of the wrong length", Frame(FrameType.WindowUpdate, 0, 0, new byte[5]), 6 },
        { "6.9.1: a window that grows too large", Number(FrameType.WindowUpdate, 0, 0x7fffffff), 3 },
        { "6.10: a continuation of nothing", Frame(FrameType.Continuation, 4, 3, 0x82), 1 },
        { "6.10: something in between", [.. Frame(FrameType.Headers, 0, 3, 0x82), .. Frame(FrameType.Ping, 0, 0, new byte[8])], 1 },
        { "6.10: another stream's in between", [.. Frame(FrameType.Headers, 0, 3, 0x82), .. Frame(FrameType.Continuation, 4, 5, 0x87)], 1 },
        { "6.10: continuations of nothing without an end", [.. Frame(FrameType.Headers, 0, 3, 0x82), .. Enumerable.Repeat(Frame(FrameType.Continuation, 0, 3), 100).SelectMany(frame => frame)], 11 },
        { "4.3: a block that is none", Frame(FrameType.Headers, 5, 3, 0x80), 9 },
        { "4.3: a block that is none, of a stream that is over", Frame(FrameType.Headers, 5, 1, 0x80), 9 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_may_not_be_ends_the_connection(string what, byte[] frames, int code)
    {
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of(Ok));
        foreach (var transport in RunningGateway.Transports)
        {
            await using var gateway = await RunningGateway.StartAsync(transport: transport);
            gateway.Serve(RunningGateway.Service("raw", destination.Uri));
            await using var client = await ConnectAsync(gateway.Https);
            await client.SendAsync(Request(1));
            Assert.Equal("200", (await client.AnswerAsync(1)).Status);
            Assert.Equal(transport == TransportKind.Epoll ? 1 : 0, gateway.FrontConnections);
            await client.TrySendAsync(frames);
            var end = await client.EndAsync();
            // What the web server calls it is its own affair, and it may close before its farewell is read.
            Assert.True(transport == TransportKind.Epoll ? end == (ErrorCode)code : end != ErrorCode.None, $"{what}, over {transport}: {end}");
            await Eventually.TrueAsync(() => Task.FromResult(gateway.FrontConnections == 0), () => "it is over");
        }
    }

    [Theory]
    [InlineData("an unknown frame", new byte[] { 0, 0, 1, 0x77, 0xff, 0, 0, 0, 9, 1 })]
    [InlineData("a priority of a stream that has not begun", new byte[] { 0, 0, 5, 2, 0, 0, 0, 0, 9, 0, 0, 0, 0, 1 })]
    [InlineData("the end of a stream that is over", new byte[] { 0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8 })]
    [InlineData("a window of a stream that is over", new byte[] { 0, 0, 4, 8, 0, 0, 0, 0, 1, 0, 0, 0, 8 })]
    [InlineData("an unknown setting", new byte[] { 0, 0, 6, 4, 0, 0, 0, 0, 0, 0x77, 0x77, 0, 0, 0, 8 })]
    [InlineData("a table that is none", new byte[] { 0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 })]
    [InlineData("an answer to nothing", new byte[] { 0, 0, 0, 4, 1, 0, 0, 0, 0 })]
    public async Task What_means_nothing_changes_nothing(string what, byte[] frames)
    {
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of(Ok));
        foreach (var transport in RunningGateway.Transports)
        {
            await using var gateway = await RunningGateway.StartAsync(transport: transport);
            gateway.Serve(RunningGateway.Service("raw", destination.Uri));
            await using var client = await ConnectAsync(gateway.Https);
            await client.SendAsync(Request(1));
            Assert.Equal("200", (await client.AnswerAsync(1)).Status);
            await client.SendAsync(frames, Request(3), Request(5, method: "POST"));
            Assert.True((await client.AnswerAsync(3)).Status == "200", $"{what}, over {transport}");
            Assert.Equal(transport == TransportKind.Epoll ? 1 : 0, gateway.FrontConnections);
        }
    }

    // Section 8.1.1: a request that is malformed is a matter of its stream.
    [Theory]
    [InlineData("X-Big", "1")]
    [InlineData("x-own", " 1")]
    [InlineData("x-own", "a\r\nb")]
    [InlineData("x-own", "a\0b")]
    [InlineData("x own", "1")]
    [InlineData("", "1")]
    [InlineData("connection", "keep-alive")]
    [InlineData("transfer-encoding", "chunked")]
    [InlineData("te", "gzip")]
    [InlineData(":path", "/other")]
    [InlineData(":status", "200")]
    [InlineData("host", "other.example.com")]
    public async Task What_is_doubtful_is_left_to_the_web_server(string name, string value)
    {
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of(Ok));
        await using var front = await RunningGateway.StartAsync(transport: TransportKind.Epoll);
        await using var server = await RunningGateway.StartAsync(transport: TransportKind.Sockets);
        var said = new List<string>();
        foreach (var gateway in new[] { front, server })
        {
            gateway.Serve(RunningGateway.Service("raw", destination.Uri));
            await using var client = await ConnectAsync(gateway.Https);
            await client.SendAsync(Request(1));
            Assert.Equal("200", (await client.AnswerAsync(1)).Status);
            var before = destination.Asked.Count;
            await client.SendAsync(Request(3, fields: (name, value)), Frame(FrameType.Ping, 0, 0, new byte[8]));
            var answer = await client.AnswerAsync(3);
            var asked = destination.Asked.Skip(before).Select(head => string.Join('\n', head.Split("\r\n").Where(line => !line.StartsWith("X-Request-Id", StringComparison.OrdinalIgnoreCase) && !line.StartsWith("CDN-Loop", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.OrdinalIgnoreCase)));
            said.Add($"{answer.Status} {string.Join('\n', asked)}");
        }

        Assert.Equal(said[1], said[0]);
    }

    [Fact]
    public async Task More_streams_than_were_agreed_are_refused_and_the_others_go_on()
    {
        using var next = new SemaphoreSlim(0);
        await using var destination = new ScriptedDestination(_ => new ScriptedAnswer(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"), "ok"u8.ToArray()) { Next = next });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await ConnectAsync(gateway.Https);
        for (var i = 0; i < 102; i++)
        {
            await client.SendAsync(Request(1 + (2 * i), method: i % 2 == 0 ? "GET" : "POST", ends: i < 100));
        }

        foreach (var refused in new[] { 201, 203 })
        {
            var (head, payload) = (await client.ReadAsync(FrameType.ResetStream))!.Value;
            Assert.Equal((refused, 7), (head.Stream, (int)payload[3]));
        }

        // What was under way to a stream that was refused does no harm.
        await client.SendAsync(Frame(FrameType.Data, FrameFlags.EndStream, 203, 1, 2, 3));
        next.Release(1000);
        for (var ended = 0; ended < 100;)
        {
            var (head, _) = (await client.ReadAsync())!.Value;
            ended += head.Type == FrameType.Data && head.Has(FrameFlags.EndStream) ? 1 : 0;
        }
    }

    // The front counts the answers that wait; the web server only stops reading, see below.
    [Theory]
    [InlineData("ping")]
    [InlineData("settings")]
    public async Task Who_asks_and_never_reads_is_shut_out_by_the_front(string how)
    {
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of(Ok));
        await using var gateway = await RunningGateway.StartAsync(transport: TransportKind.Epoll);
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await ConnectAsync(gateway.Https);
        await client.SendAsync(Request(1));
        Assert.Equal("200", (await client.AnswerAsync(1)).Status);
        await FloodAsync(client, how);
        await Eventually.TrueAsync(() => Task.FromResult(gateway.FrontConnections == 0), () => "it is over");
    }

    // Whoever serves the connection: the front, the web server on the event loops, where the first request was its, or the web server over sockets.
    [Theory]
    [InlineData("epoll", "GET", "requests")]
    [InlineData("epoll", "POST", "requests")]
    [InlineData("epoll", "POST", "ping")]
    [InlineData("epoll", "POST", "settings")]
    [InlineData("sockets", "GET", "requests")]
    [InlineData("sockets", "GET", "ping")]
    [InlineData("sockets", "GET", "settings")]
    public async Task Who_asks_and_never_reads_is_not_kept_for_ever(string transport, string first, string how)
    {
        var time = new FakeTimeProvider();
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of(Ok));
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true), time: time);
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await ConnectSilentlyAsync(gateway.Https);
        await client.SendAsync([.. Preface.Bytes, .. Frame(FrameType.Settings, 0, 0)], Request(1, method: first));
        Assert.Equal("200", (await client.AnswerAsync(1)).Status);
        Assert.Equal(transport == "epoll" && first == "GET" ? 1 : 0, gateway.FrontConnections);

        var flooding = FloodAsync(client, how);
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(10));
                return Task.FromResult(flooding.IsCompleted);
            },
            () => "it is kept");
        await flooding;
    }

    // CVE-2023-44487.
    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task Who_takes_back_what_it_asks_all_the_time_is_shut_out(string transport)
    {
        using var never = new SemaphoreSlim(0);
        await using var destination = new ScriptedDestination(number => number == 0 ? ScriptedAnswer.Of(Ok) : new ScriptedAnswer([]) { Next = never });
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await ConnectAsync(gateway.Https);
        await client.SendAsync(Request(1));
        Assert.Equal("200", (await client.AnswerAsync(1)).Status);
        for (var i = 1; i < 1000 && await client.TrySendAsync(Request(1 + (2 * i)), Number(FrameType.ResetStream, 1 + (2 * i), 8)); i++)
        {
        }

        // The web server closes behind its farewell at once, which destroys it where the client goes on sending: a client that does not hear why is shut out all the same.
        var end = await client.EndAsync();
        Assert.True(end == ErrorCode.EnhanceYourCalm || (end is null && transport == "sockets"), $"{end}");
        Assert.True(destination.Asked.Count < 300, $"{destination.Asked.Count} requests");
    }

    // CVE-2025-8671: the gateway is made to take them back.
    [Theory]
    [InlineData("epoll", 0)]
    [InlineData("epoll", 0x7fffffff)]
    [InlineData("sockets", 0)]
    [InlineData("sockets", 0x7fffffff)]
    public async Task Who_has_its_requests_taken_back_by_faults_all_the_time_is_shut_out(string transport, int window)
    {
        using var never = new SemaphoreSlim(0);
        await using var destination = new ScriptedDestination(number => number == 0 ? ScriptedAnswer.Of(Ok) : new ScriptedAnswer([]) { Next = never });
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await ConnectAsync(gateway.Https);
        await client.SendAsync(Request(1));
        Assert.Equal("200", (await client.AnswerAsync(1)).Status);
        for (var i = 1; i < 1000 && await client.TrySendAsync(Request(1 + (2 * i)), Number(FrameType.WindowUpdate, 1 + (2 * i), (uint)window)); i++)
        {
        }

        var end = await client.EndAsync();
        Assert.True(end == ErrorCode.EnhanceYourCalm || transport == "sockets", $"{end}");
        Assert.True(destination.Asked.Count < 300, $"{destination.Asked.Count} requests");
    }

    // Ends when the gateway has ended the connection.
    private static async Task FloodAsync(FrameClient client, string how)
    {
        var last = 1;
        do
        {
            last += 400;
        }
        while (await client.TrySendAsync([.. Enumerable.Range(0, 200).Select(number => how switch
        {
            "ping" => Frame(FrameType.Ping, 0, 0, new byte[8]),
            "settings" => Frame(FrameType.Settings, 0, 0),
            _ => Request(last - (2 * number)),
        }).Reverse()]));
    }
}
