using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Json;
using Edge.Connections;
using Edge.Observability;
using Edge.Gateway.Front.Http2;
using Edge.Services;
using Edge.Tests.Certificates;
using Edge.Tests.Gateway.Straight;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static Edge.Tests.Gateway.Front.Http2.FrameClient;
using Eventually = Edge.Tests.Whole.Eventually;

namespace Edge.Tests.Gateway.Front.Http2;

/// <summary>Connections of HTTP/2 of which the front serves some streams and the web server the others.</summary>
public sealed class Http2ConnectionTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public async Task A_client_is_told_at_the_beginning_what_the_web_server_would_tell_it()
    {
        var said = new List<string>();
        foreach (var transport in new[] { TransportKind.Sockets, TransportKind.Epoll })
        {
            await using var gateway = await RunningGateway.StartAsync(transport: transport);
            await using var client = await ConnectAsync(gateway.Https);
            var frames = new List<string> { $"{client.Hello.Head} {Convert.ToHexString(client.Hello.Payload)}" };
            while (await client.ReadAsync() is var (head, payload) && !(head.Type == FrameType.Settings && head.Has(FrameFlags.Ack)))
            {
                frames.Add($"{head} {Convert.ToHexString(payload)}");
            }

            Assert.Equal(transport == TransportKind.Epoll ? 1 : 0, gateway.FrontConnections);
            said.Add(string.Join('\n', frames));
        }

        Assert.Equal(said[0], said[1]);
    }

    [Theory]
    [InlineData(true, "GET", "/", "raw.example.com", "204")]
    [InlineData(true, "HEAD", "/a?b", "raw.example.com", "204")]
    [InlineData(false, "POST", "/", "raw.example.com", "204")]
    [InlineData(false, "GET", "/", "nowhere.example.com", "404")]
    public async Task Who_begins_with_a_request_for_the_web_server_has_it_alone(bool inFront, string method, string path, string host, string status)
    {
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of("HTTP/1.1 204 No Content\r\n\r\n"));
        await using var gateway = await RunningGateway.StartAsync(transport: TransportKind.Epoll);
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await ConnectSilentlyAsync(gateway.Https);
        await client.SendAsync([.. Preface.Bytes, .. Frame(FrameType.Settings, 0, 0)], Frame(FrameType.Headers, FrameFlags.EndHeaders | FrameFlags.EndStream, 1, Block((":method", method), (":scheme", "https"), (":authority", host), (":path", path))));
        Assert.Equal(status, (await client.AnswerAsync(1)).Status);
        Assert.Equal(inFront ? 1 : 0, gateway.FrontConnections);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task Requests_of_both_kinds_share_a_connection(string transport)
    {
        await using var backend = await Backend.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, $"{context.Request.Method} {context.Request.Path} {(await reader.ReadToEndAsync()).Length} {new string('x', int.Parse(context.Request.Path.Value![1..], System.Globalization.CultureInfo.InvariantCulture) * 997 % 200_000)}");
        });
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", backend.Uri));
        using var client = gateway.Client(HttpVersion.Version20);
        var ids = new System.Collections.Concurrent.ConcurrentBag<string>();
        await AskAsync(0);
        await Task.WhenAll(Enumerable.Range(1, 300).Select(AskAsync));
        Assert.Equal(301, ids.Distinct().Count());
        Assert.Equal(transport == "epoll" ? 1 : 0, gateway.FrontConnections);

        async Task AskAsync(int number)
        {
            var length = number % 3 == 1 ? number * 613 % 120_000 : 0;
            using var request = new HttpRequestMessage(number % 3 == 1 ? HttpMethod.Post : HttpMethod.Get, $"https://raw.example.com/{number}") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Content = number % 3 == 1 ? new ByteArrayContent(new byte[length]) : null;
            using var answer = await client.SendAsync(request, RunningGateway.Cancel);
            Assert.Equal($"{request.Method} /{number} {length} {new string('x', number * 997 % 200_000)}", await answer.Content.ReadAsStringAsync(RunningGateway.Cancel));
            ids.Add(answer.Headers.GetValues("X-Request-Id").Single());
        }
    }

    // RFC 9113 sections 5.2 and 6.9: never more than the client takes, of a stream and of all of them.
    [Theory]
    [InlineData("epoll", "GET")]
    [InlineData("epoll", "POST")]
    [InlineData("sockets", "GET")]
    [InlineData("sockets", "POST")]
    public async Task A_client_is_sent_what_it_takes_and_the_rest_when_it_takes_more(string transport, string method)
    {
        var body = new byte[300_000];
        new Random(1).NextBytes(body);
        await using var destination = new ScriptedDestination(_ => new ScriptedAnswer([.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n"), .. body]));
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await ConnectAsync(gateway.Https, Setting(Edge.Gateway.Front.Http2.Setting.InitialWindowSize, 10_000));
        await client.SendAsync(Request(1, method: method), Request(3, method: method));
        var (got, connection, windows, random) = (new Dictionary<int, MemoryStream> { [1] = new(), [3] = new() }, 65_535, new Dictionary<int, int> { [1] = 10_000, [3] = 10_000 }, new Random(2));
        while (windows.Count > 0)
        {
            // Everything that may come has come where a window is used up.
            while (connection == 0 || windows.Values.All(window => window == 0))
            {
                var stream = windows.Keys.ElementAt(random.Next(windows.Count));
                var by = random.Next(1, 40_000);
                await client.SendAsync(Number(FrameType.WindowUpdate, connection == 0 ? 0 : stream, (uint)by));
                _ = connection == 0 ? connection += by : windows[stream] += by;
            }

            var (head, payload) = (await client.ReadAsync())!.Value;
            if (head.Type == FrameType.Data)
            {
                got[head.Stream].Write(payload);
                connection -= payload.Length;
                windows[head.Stream] -= payload.Length;
                Assert.True(connection >= 0 && windows[head.Stream] >= 0, "more than was let");
                if (head.Has(FrameFlags.EndStream))
                {
                    windows.Remove(head.Stream);
                }
            }
        }

        Assert.Equal(body, got[1].ToArray());
        Assert.Equal(body, got[3].ToArray());
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
        await using var destination = new ScriptedDestination(number => number == 0 ? ScriptedAnswer.Of(Ok) : how == "closes" ? new ScriptedAnswer() { Closes = true } : new ScriptedAnswer([]) { Next = never });
        await using (var room = ObservabilityRoom.Open(new() { File = Path.Combine(folder.Path, "access.log") }, false, TimeProvider.System, NullLogger.Instance))
        {
            room.Start();
            await using var gateway = await RunningGateway.StartAsync(observed: room, time: time, transport: TransportKind.Epoll);
            gateway.Serve(RunningGateway.Service("raw", how == "refused" ? "http://127.0.0.1:1" : destination.Uri));
            await using var client = await ConnectAsync(gateway.Https);
            if (how != "refused")
            {
                await client.SendAsync(Request(1));
                Assert.Equal("200", (await client.AnswerAsync(1)).Status);
            }

            await client.SendAsync(Request(3));
            if (how == "silent")
            {
                await Eventually.TrueAsync(() => Task.FromResult(destination.Asked.Count == 2), () => "the destination is asked");
                for (var i = 0; i < 103; i++)
                {
                    time.Advance(TimeSpan.FromSeconds(1));
                    // A client that says something is there.
                    await client.SendAsync(Frame(FrameType.Ping, 0, 0, new byte[8]));
                    Assert.NotNull(await client.ReadAsync(FrameType.Ping));
                }
            }

            Assert.Equal(status.ToString(System.Globalization.CultureInfo.InvariantCulture), (await client.AnswerAsync(3)).Status);
            // A connection that was used before may have been closed while the question was under way: it is asked once more.
            Assert.Equal(how switch { "refused" => 0, "closes" => 3, _ => 2 }, destination.Asked.Count);
            await Eventually.TrueAsync(() => Task.FromResult(room.Requests.InFlight == 0), () => "nothing is under way");
            Assert.Contains(Assert.Single(room.Requests.Routes).Value.ByClass(), one => one == ("5xx", 1));
            Assert.Contains(gateway.Logged, line => line.Contains("route service:raw failed", StringComparison.Ordinal));
        }

        var line = JsonDocument.Parse((await File.ReadAllLinesAsync(Path.Combine(folder.Path, "access.log"), RunningGateway.Cancel))[^1]).RootElement;
        Assert.Equal(status, line.GetProperty("status").GetInt32());
        Assert.Equal("HTTP/2", line.GetProperty("protocol").GetString());
        Assert.NotEqual(0, line.GetProperty("duration").GetDouble());
    }

    // RFC 9113 section 6.8.
    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task A_connection_ends_with_what_is_under_way_or_at_once(string transport)
    {
        using var next = new SemaphoreSlim(0);
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Cut(Encoding.ASCII.GetBytes(Ok), [10]) with { Next = next });
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var working = await ConnectAsync(gateway.Https);
        await working.SendAsync(Request(1), Request(3, method: "POST"));
        await Eventually.TrueAsync(() => Task.FromResult(destination.Asked.Count == 2), () => "the destination is asked");
        gateway.Listeners.Open.EndIdle();
        Assert.Equal(int.MaxValue, BinaryPrimitives.ReadInt32BigEndian((await working.ReadAsync(FrameType.GoAway))!.Value.Payload));
        next.Release(8);
        var (ends, last) = (0, 0);
        while (await working.ReadAsync() is var (head, payload))
        {
            ends += head.Type == FrameType.Data && head.Has(FrameFlags.EndStream) ? 1 : 0;
            last = head.Type == FrameType.GoAway ? BinaryPrimitives.ReadInt32BigEndian(payload) : last;
        }

        Assert.Equal((2, 3), (ends, last));

        // It may still tell how much it has read: a connection that is reset for that takes away what it has not read (RFC 9112 section 9.6).
        for (var i = 0; i < 5 && transport == "epoll"; i++)
        {
            Assert.True(await working.TrySendAsync(Number(FrameType.WindowUpdate, 0, 1)), $"{i}");
        }

        await using var resting = await ConnectAsync(gateway.Https);
        await resting.SendAsync(Request(1));
        Assert.Equal("200", (await resting.AnswerAsync(1)).Status);
        gateway.Listeners.Open.EndIdle();
        Assert.Equal(ErrorCode.None, await resting.EndAsync());
        await Eventually.TrueAsync(() => Task.FromResult(gateway.FrontConnections == 0), () => "they are over");
    }

    // RFC 9113 section 6.8, RFC 9112 section 9.6: it has been written and is on its way, when the client says how much of it it has read.
    [Fact]
    public async Task The_last_answer_comes_to_its_end_where_the_connection_ends_behind_it()
    {
        using var folder = new TemporaryFolder();
        var body = new byte[200_000];
        new Random(1).NextBytes(body);
        await using var destination = new ScriptedDestination(_ => new ScriptedAnswer([.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n"), .. body]));
        await using var room = ObservabilityRoom.Open(new() { File = Path.Combine(folder.Path, "access.log") }, false, TimeProvider.System, NullLogger.Instance);
        room.Start();
        await using var gateway = await RunningGateway.StartAsync(observed: room, transport: TransportKind.Epoll);
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await ConnectAsync(gateway.Https, room: 4096, Setting(Edge.Gateway.Front.Http2.Setting.InitialWindowSize, 1_000_000));
        await client.SendAsync(Number(FrameType.WindowUpdate, 0, 1_000_000), Request(1));
        await Eventually.TrueAsync(() => Task.FromResult(room.Requests.InFlight == 0 && room.Requests.Routes.Any()), () => "it is answered");

        gateway.Listeners.Open.EndIdle();
        var (got, farewell) = (new MemoryStream(), false);
        while (await client.ReadAsync() is var (head, payload))
        {
            farewell |= head.Type == FrameType.GoAway;
            if (head.Type == FrameType.Data)
            {
                got.Write(payload);
                Assert.True(await client.TrySendAsync(Number(FrameType.WindowUpdate, 0, (uint)payload.Length)), $"behind {got.Length} bytes");
            }
        }

        Assert.Equal(body, got.ToArray());
        Assert.True(farewell);
    }

    // The web server has the same times, by the system's clock.
    [Fact]
    public async Task Rest_ends_a_connection_and_who_is_gone_is_noticed()
    {
        var time = new FakeTimeProvider();
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of(Ok));
        await using var gateway = await RunningGateway.StartAsync(time: time, transport: TransportKind.Epoll);
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await ConnectAsync(gateway.Https);
        await client.SendAsync(Request(1));
        Assert.Equal("200", (await client.AnswerAsync(1)).Status);
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(1, gateway.FrontConnections);
            await PassAsync(10);
            await client.SendAsync(Frame(FrameType.Ping, 0, 0, new byte[8]));
            Assert.NotNull(await client.ReadAsync(FrameType.Ping));
        }

        await PassAsync(20);
        Assert.Equal(ErrorCode.None, await client.EndAsync());

        await using var gone = await ConnectAsync(gateway.Https);
        await gone.SendAsync(Request(1));
        Assert.Equal("200", (await gone.AnswerAsync(1)).Status);
        await PassAsync(90);
        await Eventually.TrueAsync(() => Task.FromResult(gateway.FrontConnections == 0), () => "it is over");

        async Task PassAsync(int seconds)
        {
            for (var i = 0; i < seconds; i += 5)
            {
                time.Advance(TimeSpan.FromSeconds(5));
                await Task.Yield();
            }
        }
    }
}
