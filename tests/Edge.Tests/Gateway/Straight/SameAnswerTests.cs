using System.Net;
using System.Text;
using Edge.Connections;
using Xunit;

namespace Edge.Tests.Gateway.Straight;

/// <summary>What a client is answered is the same whether the answer came straight or by YARP's forwarder, over HTTP/1.1 and HTTP/2.</summary>
public sealed class SameAnswerTests
{
    private const string Crlf = "\r\n";
    private const string BrokenOff = "(broken off)";

    // How the answer ends: the connection stays, is closed, or is broken off.
    public static TheoryData<string, string> Answers => new()
    {
        { "stays", "HTTP/1.1 200 OK|Content-Length: 5||hello" },
        { "stays", "HTTP/1.1 200 OK|Content-Length: 0||" },
        { "stays", "HTTP/1.1 204 No Content|X-One: 1||" },
        { "stays", "HTTP/1.1 304 Not Modified|ETag: \"x\"|Content-Length: 12||" },
        { "stays", "HTTP/1.1 204 No Content|Content-Length: 2||no" },
        { "stays", "HTTP/1.1 205 Reset Content|Content-Length: 2||no" },
        { "stays", "HTTP/1.1 205 Reset Content|Transfer-Encoding: chunked||2|no|0||" },
        { "stays", "HTTP/1.1 200 OK|Content-Disposition: attachment; filename=\"caf\u00c3\u00a9.pdf\"|X-Latin: caf\u00e9|Content-Length: 2||no" },
        { "stays", "HTTP/1.1 404 Nothing Here|Content-Type: text/plain|Content-Length: 2||no" },
        { "stays", "HTTP/1.1 500|Content-Length: 2||no" },
        { "stays", "HTTP/1.1 299 Own|Content-Length: 2||ok" },
        { "stays", "HTTP/1.1 200 OK|Set-Cookie: a=1; Path=/|Set-Cookie: b=2|Vary: Accept|vary: Origin|Content-Length: 1||x" },
        { "stays", "HTTP/1.1 200 OK|Connection: keep-alive, Upgrade|Upgrade: h2c|Keep-Alive: timeout=5|Proxy-Authenticate: Basic|Alt-Svc: h3=\":443\"|Content-Length: 1||x" },
        { "stays", "HTTP/1.1 200 OK|Date: Thu, 01 Jan 1970 00:00:00 GMT|Server: own|X-Padded: \t value \t|X-Empty:|Content-Length: 1||x" },
        { "stays", "HTTP/1.1 200 OK|Transfer-Encoding: chunked||5|hello|0||" },
        { "stays", "HTTP/1.1 200 OK|Transfer-Encoding: Chunked||5;ext=\"1\"|hello|000A|0123456789|0|X-Trailer: t||" },
        { "stays", "HTTP/1.1 103 Early Hints|Link: </a>||HTTP/1.1 100 Continue||HTTP/1.1 200 OK|Content-Length: 5||hello" },
        { "closes", "HTTP/1.1 200 OK||until the end" },
        { "closes", "HTTP/1.0 200 OK|Content-Type: text/plain||until the end" },
        { "closes", "HTTP/1.1 200 OK|Connection: close|Content-Length: 5||hello" },
        { "closes", "HTTP/1.1 200 OK|Content-Length: 50||hello" },
        { "closes", "HTTP/1.1 200 OK|Transfer-Encoding: chunked||5|hello|" },
        { "resets", "HTTP/1.1 200 OK|Transfer-Encoding: chunked||ffffff|hello" },
        { "closes", "HTTP/1.1 200 OK|Content-" },
        { "closes", "" },
        { "resets", "" },
        { "closes", "SSH-2.0-OpenSSH_9.2|" },
        { "closes", "HTTP/1.1 20x OK|Content-Length: 5||hello" },
        { "closes", "HTTP/1.1 200 OK|No colon here||hello" },
        { "closes", "HTTP/1.1 200 OK|Content-Length: 5|Content-Length: 5||hello" },
        { "closes", "HTTP/1.1 200 OK|Content-Length: five||hello" },
        { "closes", "HTTP/1.1 200 OK|Content-Length: 5|Transfer-Encoding: chunked||5|hello|0||" },
        { "closes", "HTTP/1.1 200 OK|Transfer-Encoding: gzip, chunked||5|hello|0||" },
        { "closes", "HTTP/1.1 200 OK|X-Folded: one| two|Content-Length: 5||hello" },
        { "closes", "HTTP/1.1 200 OK|X-Umlaut: ü|Content-Length: 5||hello" },
        { "closes", "HTTP/1.1 101 Switching Protocols|Upgrade: x|Connection: upgrade||hello" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task The_client_is_answered_the_same(string end, string answer)
    {
        foreach (var (method, version) in new[] { (HttpMethod.Get, HttpVersion.Version11), (HttpMethod.Get, HttpVersion.Version20), (HttpMethod.Head, HttpVersion.Version11) })
        {
            // What belongs to a HEAD has no body.
            var sent = method == HttpMethod.Head && answer.IndexOf("||", StringComparison.Ordinal) is > 0 and var head && !answer.StartsWith("HTTP/1.1 10", StringComparison.Ordinal) ? answer[..(head + 2)] : answer;
            var bytes = Encoding.Latin1.GetBytes(sent.Replace("|", Crlf, StringComparison.Ordinal));
            Assert.Equal(await AskAsync(bytes, end, method, version, TransportKind.Sockets), await AskAsync(bytes, end, method, version, TransportKind.Epoll));
        }
    }

    [Theory]
    [InlineData("xyz|hello|0||")]
    [InlineData("5|helloo|0||")]
    [InlineData("5|hello|-1|")]
    [InlineData("5|hello|10000000000000000|x")]
    public async Task Chunks_that_are_none_are_never_the_whole(string chunks)
    {
        var bytes = Encoding.Latin1.GetBytes(("HTTP/1.1 200 OK|Transfer-Encoding: chunked||" + chunks).Replace("|", Crlf, StringComparison.Ordinal));
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            Assert.Equal(BrokenOff, await AskAsync(bytes, "stays", HttpMethod.Get, version, TransportKind.Epoll));
        }
    }

    // RFC 9110 section 7.6.1; YARP's forwarder passes them on.
    [Fact]
    public async Task Headers_of_the_destinations_connection_stay_behind()
    {
        var bytes = Encoding.Latin1.GetBytes("HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Own\r\nx-own: 1\r\nContent-Length: 2\r\n\r\nok");
        Assert.Equal("200 OK\nContent-Length: 2\n\nok", await AskAsync(bytes, "stays", HttpMethod.Get, HttpVersion.Version11, TransportKind.Epoll));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 17\n\nfirst\r\n\r\nsecond\n\n")]
    [InlineData("HTTP/1.0 200 OK\nContent-Type: text/plain\n\nfirst\r\n\r\nsecond\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 12\n\r\nab\r\n\r\ncd\n\n\n\n")]
    public async Task What_looks_like_the_end_of_a_head_may_be_of_the_body(string answer)
    {
        var bytes = Encoding.Latin1.GetBytes(answer);
        Assert.Equal(await AskAsync(bytes, "closes", HttpMethod.Get, HttpVersion.Version11, TransportKind.Sockets), await AskAsync(bytes, "closes", HttpMethod.Get, HttpVersion.Version11, TransportKind.Epoll));
    }

    [Fact]
    public async Task Line_feeds_alone_end_lines_as_well()
    {
        var bytes = Encoding.Latin1.GetBytes("HTTP/1.1 200 OK\nX-One: 1\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n");
        Assert.Equal(await AskAsync(bytes, "stays", HttpMethod.Get, HttpVersion.Version11, TransportKind.Sockets), await AskAsync(bytes, "stays", HttpMethod.Get, HttpVersion.Version11, TransportKind.Epoll));
    }

    [Fact]
    public async Task A_head_that_is_longer_than_usual_arrives()
    {
        var bytes = Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nX-Long: {new string('x', 20_000)}\r\nContent-Length: 5\r\n\r\nhello");
        Assert.Equal(await AskAsync(bytes, "stays", HttpMethod.Get, HttpVersion.Version11, TransportKind.Sockets), await AskAsync(bytes, "stays", HttpMethod.Get, HttpVersion.Version11, TransportKind.Epoll));
    }

    // Status, headers and body, or how far it came.
    private static async Task<string> AskAsync(byte[] answer, string end, HttpMethod method, Version version, TransportKind transport)
    {
        await using var destination = new ScriptedDestination(_ => new ScriptedAnswer(answer) { Closes = end == "closes", Resets = end == "resets" });
        await using var gateway = await RunningGateway.StartAsync(transport: transport);
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        using var client = gateway.Client(version);
        using var request = new HttpRequestMessage(method, "https://raw.example.com/") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        HttpResponseMessage response;
        string body;
        try
        {
            response = await client.SendAsync(request, RunningGateway.Cancel);
            body = await response.Content.ReadAsStringAsync(RunningGateway.Cancel);
        }
        catch (HttpRequestException)
        {
            return BrokenOff;
        }

        var headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).Where(header => header.Key.ToUpperInvariant() is not ("X-REQUEST-ID" or "DATE")
            && (response.IsSuccessStatusCode || header.Key != "Content-Length")).Select(header => $"{header.Key}: {header.Value}").Order(StringComparer.OrdinalIgnoreCase);

        // The gateway's own page has the number of the request.
        body = response.StatusCode == HttpStatusCode.BadGateway ? "(page)" : body;
        var trailers = response.TrailingHeaders.Select(trailer => $"{trailer.Key}: {string.Join(',', trailer.Value)}");
        return string.Join('\n', [$"{(int)response.StatusCode} {response.ReasonPhrase}", .. headers, "", body, .. trailers]);
    }
}
