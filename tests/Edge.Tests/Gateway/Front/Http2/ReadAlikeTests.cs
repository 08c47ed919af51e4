using Edge.Connections;
using Edge.Gateway;
using Edge.Gateway.Front.Http2;
using Edge.Tests.Gateway.Straight;
using Xunit;
using static Edge.Tests.Gateway.Front.Http2.FrameClient;

namespace Edge.Tests.Gateway.Front.Http2;

/// <summary>Fields put together at random, good and bad: the front takes none for something else than the web server does.</summary>
public sealed class ReadAlikeTests
{
    private const int Requests = 250;

    private static readonly (string Name, string Value)[] Methods = [(":method", "GET"), (":method", "GET"), (":method", "GET"), (":method", "HEAD"), (":method", "get"), (":method", "GET "), (":method", "POST"), (":method", ""), ("method", "GET")];
    private static readonly (string Name, string Value)[] Schemes = [(":scheme", "https"), (":scheme", "https"), (":scheme", "https"), (":scheme", "https"), (":scheme", "http"), (":scheme", "HTTPS"), (":scheme", "ftp"), (":Scheme", "https")];
    private static readonly (string Name, string Value)[] Paths = [.. new[] { "/", "/", "/", "/a/b?c=d", "/%41", "/%00", "/a%2fb", "/a/../b", "/.%2e/", "/a b", "*", "a", "https://raw.example.com/x", "/#x", "/ü", "/\\x", "//x", "/a?%00", "/?", "/%zz", "/\u007f", "/a\r\nX-B: c", "" }.Select(path => (":path", path))];
    private static readonly (string Name, string Value)[] Hosts = [.. new[] { "raw.example.com", "raw.example.com", "raw.example.com", "raw.example.com", "raw.example.com:443", "RAW.example.com", "raw.example.com.", "raw example.com", "raw.example.com/", "", "user@raw.example.com", "raw.example.com:x", "raw.example.com, b" }.Select(host => (":authority", host))];

    private static readonly (string Name, string Value)[] Fields =
    [
        ("accept", "*/*"), ("x-a", "1"), ("x-a", "2"), ("user-agent", "x/1 (y)"), ("cookie", "a=1"), ("cookie", "b=2"), ("cookie", ""), ("connection", "keep-alive"), ("connection", "close"), ("content-length", "0"), ("content-length", "5"),
        ("transfer-encoding", "chunked"), ("te", "trailers"), ("te", "trailers"), ("te", "gzip"), ("te", "Trailers"), ("x-b", " 1"), ("x-b", "1\t"), ("x-c", "a\0b"), ("x-c", "a\u0001b"), ("x-c", "a\rb"), ("x-c", "a\nb"), ("x-c", "a\r\nx-d: b"),
        ("x-d", ""), ("x-e", "ü"), ("ü", "1"), ("x e", "1"), ("X-F", "1"), ("x-f:", "1"), ("", "1"), ("host", "raw.example.com"), ("host", "other.example.com"), ("expect", "100-continue"), ("upgrade", "h2c"), ("x-forwarded-for", "1.1.1.1"),
        ("forwarded", "for=1"), ("x_forwarded_for", "1"), ("remote-user", "a"), ("cdn-loop", "b"), ("range", "bytes=0-1"), ("keep-alive", "5"), ("accept", "text/event-stream"), (":path", "/other"), (":authority", "other.example.com"), (":own", "1"), (":status", "200"),
        ("x-long", new string('a', 3000)), (new string('n', 70), "1"), ("content-type", "text/plain"), ("proxy-connection", "keep-alive"), ("http2-settings", "x"), ("sec-ch-ua", "\"a\";v=\"1\""),
    ];

    [Fact]
    public async Task Both_answer_the_same_and_ask_the_same()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of("HTTP/1.1 204 No Content\r\n\r\n"));
        await using var front = await RunningGateway.StartAsync(transport: TransportKind.Epoll);
        await using var server = await RunningGateway.StartAsync(transport: TransportKind.Sockets);
        front.Serve(RunningGateway.Service("raw", destination.Uri));
        server.Serve(RunningGateway.Service("raw", destination.Uri));
        for (var i = 0; i < Requests; i++)
        {
            var fields = Pick(random);
            var expected = await AskAsync(server, destination, fields);
            var answered = await AskAsync(front, destination, fields);
            Assert.True(expected == answered, $"seed {seed}, request {i}:\n{string.Join('\n', fields)}\nthe web server:\n{expected}\nwith the front:\n{answered}");
        }
    }

    private static (string Name, string Value)[] Pick(Random random)
    {
        (string, string) One((string, string)[] of) => of[random.Next(of.Length)];
        List<(string, string)> fields = [One(Methods), One(Schemes), One(Hosts), One(Paths)];
        if (random.Next(10) == 0)
        {
            fields.RemoveAt(random.Next(fields.Count));
        }

        fields.AddRange(Enumerable.Range(0, random.Next(4)).Select(_ => One(Fields)));
        if (random.Next(20) == 0)
        {
            (fields[0], fields[^1]) = (fields[^1], fields[0]);
        }

        return [.. fields];
    }

    // The status, and what the destination was asked, without what is another one each time.
    private static async Task<string> AskAsync(RunningGateway gateway, ScriptedDestination destination, (string, string)[] fields)
    {
        await using var client = await ConnectAsync(gateway.Https);
        // One that the front serves, so that it has the connection.
        await client.SendAsync(Request(1));
        await client.AnswerAsync(1);
        var before = destination.Asked.Count;
        await client.SendAsync(Frame(FrameType.Headers, FrameFlags.EndHeaders | FrameFlags.EndStream, 3, Block(fields)));
        var (status, _) = await client.AnswerAsync(3);

        // Where a type is said of a body that is not there the framework says that it is empty, which is the same (RFC 9110 section 8.6).
        var asked = destination.Asked.Skip(before).Select(one => one.Replace(gateway.Loops.Id, "US", StringComparison.Ordinal).Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
            .Select(lines => string.Join('\n', [lines[0], .. lines[1..].Select(Lowered).Where(line => line != "content-length: 0" && !line.StartsWith("x-request-id: ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)]));
        return $"{status}\n{string.Join("\n\n", asked)}";
    }

    // Names are the same in letters of any case (RFC 9110 section 5.1).
    private static string Lowered(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? line : line[..colon].ToLowerInvariant() + line[colon..];
    }
}
