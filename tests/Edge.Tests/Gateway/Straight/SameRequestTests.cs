using System.Net;
using Edge.Connections;
using Xunit;

namespace Edge.Tests.Gateway.Straight;

/// <summary>
/// What a destination is asked is the same whether a request goes straight or by YARP's forwarder, which it does over the
/// framework's sockets. In the first column, whether it goes straight over the event loops.
/// </summary>
public sealed class SameRequestTests
{
    public static TheoryData<bool, string> Requests => new()
    {
        { true, "GET / HTTP/1.1\r\nHost: raw.example.com\r\n\r\n" },
        { true, "HEAD /a/b HTTP/1.1\r\nHost: raw.example.com:8443\r\n\r\n" },
        { true, "GET /a/b-c_d.e~f/!$&'()*+,;=:@?x=1&y=%2F&z=a/b?c HTTP/1.1\r\nHost: RAW.example.com\r\nAccept: */*\r\nConnection: close\r\n\r\n" },
        { true, "GET /?empty= HTTP/1.1\r\nHost: raw.example.com\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic eDp5\r\nALPN: h2\r\nAlt-Svc: clear\r\nClose: x\r\nHTTP2-Settings: AAMAAABk\r\n\r\n" },
        { true, "GET / HTTP/1.1\r\nHost: raw.example.com\r\nCookie: a=1\r\nCookie: b=2\r\nAccept-Language: de\r\nAccept-Language: en;q=0.5\r\nX-Empty:\r\n\r\n" },
        { true, "GET / HTTP/1.1\r\nHost: raw.example.com\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Anything: 1\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nX-Request-Id: mine\r\nRemote-User: admin\r\nremote_groups: admins\r\nClient-Cert: :AA=:\r\n\r\n" },
        { true, "GET / HTTP/1.1\r\nHost: raw.example.com\r\nCDN-Loop: first; a=b, second\r\nAuthorization: Bearer x.y.z\r\nRange: bytes=0-4\r\nIf-None-Match: \"x\"\r\nAccept: text/event-stream\r\n\r\n" },
        { true, "GET / HTTP/1.0\r\nHost: raw.example.com\r\n\r\n" },
        { true, "GET / HTTP/1.1\r\nHost: raw.example.com\r\nUser-Agent: one/1 (a; b)\r\nUser-Agent: two/2\r\n\r\n" },
        { true, "GET /a%20b%C3%A9/group%2Fproject/%E9/100%25/a%252Fb HTTP/1.1\r\nHost: raw.example.com\r\n\r\n" },
        { true, "GET /?q=\"quoted\"&x=a%zz&y=[1]|2 HTTP/1.1\r\nHost: raw.example.com\r\n\r\n" },
        { false, "GET /a%20b/./c HTTP/1.1\r\nHost: raw.example.com\r\n\r\n" },
        { false, "GET /public/../admin HTTP/1.1\r\nHost: raw.example.com\r\n\r\n" },
        { false, "GET /public/%2e%2e/admin HTTP/1.1\r\nHost: raw.example.com\r\n\r\n" },
        { false, "GET http://raw.example.com/absolute HTTP/1.1\r\nHost: raw.example.com\r\n\r\n" },
        { false, "GET /public%2f..%2fadmin HTTP/1.1\r\nHost: raw.example.com\r\n\r\n" },
        { false, "GET /public/%252e%252e/admin HTTP/1.1\r\nHost: raw.example.com\r\n\r\n" },
        { false, "GET / HTTP/1.1\r\nHost: raw.example.com\r\nCookie: name=caf\u00c3\u00a9\r\nUser-Agent: caf\u00e9\r\n\r\n" },
        { false, "GET / HTTP/1.1\r\nHost: raw.example.com\r\nContent-Length: 0\r\n\r\n" },
        { false, "GET / HTTP/1.1\r\nHost: raw.example.com\r\nConnection: X-Mine\r\nX-Mine: 1\r\n\r\n" },
        { false, "GET / HTTP/1.1\r\nHost: raw.example.com\r\nTE: trailers\r\n\r\n" },
        { false, "DELETE /thing HTTP/1.1\r\nHost: raw.example.com\r\n\r\n" },
        { false, "POST /thing HTTP/1.1\r\nHost: raw.example.com\r\nContent-Length: 2\r\n\r\nab" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task The_destination_is_asked_the_same(bool straight, string request)
    {
        var (asked, wentStraight) = await AskAsync(request, TransportKind.Epoll);
        var (expected, _) = await AskAsync(request, TransportKind.Sockets);

        Assert.Equal(expected, asked);
        Assert.Equal(straight, wentStraight);
    }

    // The server lets such names through; who strips bytes from a name would see another header.
    [Theory]
    [InlineData("Transfer-Encoding\u000b: chunked")]
    [InlineData("X-A: a\u0001b")]
    [InlineData("Foo(bar): 1")]
    public async Task What_is_no_header_does_not_go_straight(string header)
    {
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of("HTTP/1.1 204 No Content\r\n\r\n"));
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await RawClient.ConnectAsync(gateway.Https);
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: raw.example.com\r\n{header}\r\n\r\n");
        Assert.Contains("HTTP/1.1 ", await client.ReadAsync("\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal(0, gateway.StraightConnections);
    }

    [Theory]
    [InlineData("")]
    [InlineData("base")]
    [InlineData("base/of/it/")]
    public async Task The_path_of_the_destination_stands_before_that_of_the_request(string prefix)
    {
        const string request = "GET /a?b=c HTTP/1.1\r\nHost: raw.example.com\r\n\r\n";
        var (asked, straight) = await AskAsync(request, TransportKind.Epoll, prefix);
        var (expected, _) = await AskAsync(request, TransportKind.Sockets, prefix);

        Assert.True(straight);
        Assert.Equal(expected, asked);
        Assert.Equal($"GET /{prefix}{(prefix.Length == 0 || prefix.EndsWith('/') ? "" : "/")}a?b=c HTTP/1.1", asked[0]);
    }

    [Fact]
    public async Task Over_HTTP_2_the_destination_is_asked_the_same()
    {
        var asked = new List<string[]>();
        foreach (var transport in new[] { TransportKind.Epoll, TransportKind.Sockets })
        {
            await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of("HTTP/1.1 204 No Content\r\n\r\n"));
            await using var gateway = await RunningGateway.StartAsync(transport: transport);
            gateway.Serve(RunningGateway.Service("raw", destination.Uri));
            using var client = gateway.Client(HttpVersion.Version20);
            using var request = new HttpRequestMessage(HttpMethod.Get, "https://raw.example.com/a?b=c") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.TE.ParseAdd("trailers");
            request.Headers.TryAddWithoutValidation("Cookie", ["a=1", "b=2"]);
            request.Headers.TryAddWithoutValidation("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
            request.Headers.TryAddWithoutValidation("Priority", "u=0, i");
            using var response = await client.SendAsync(request, RunningGateway.Cancel);
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
            Assert.Equal(transport == TransportKind.Epoll, gateway.StraightConnections > 0);
            asked.Add(Lines(destination, gateway));
        }

        Assert.Contains("TE: trailers", asked[0]);
        Assert.Contains("Connection: TE", asked[0]);
        Assert.Equal(asked[1], asked[0]);
    }

    // The lines of the head in an order of their own, without what is another one each time.
    private static async Task<(string[] Lines, bool Straight)> AskAsync(string request, TransportKind transport, string prefix = "")
    {
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of("HTTP/1.1 204 No Content\r\n\r\n"));
        await using var gateway = await RunningGateway.StartAsync(transport: transport);
        gateway.Serve(RunningGateway.Service("raw", destination.Uri + prefix));
        await using var client = await RawClient.ConnectAsync(gateway.Https);
        await client.SendAsync(request);
        Assert.Contains(" 204 ", await client.ReadAsync("\r\n\r\n"), StringComparison.Ordinal);

        return (Lines(destination, gateway), gateway.StraightConnections > 0);
    }

    private static string[] Lines(ScriptedDestination destination, RunningGateway gateway)
    {
        var lines = Assert.Single(destination.Asked).Replace(gateway.Loops.Id, "US", StringComparison.Ordinal).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return [lines[0], .. lines[1..].Where(line => !line.StartsWith("X-Request-Id: ", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.OrdinalIgnoreCase)];
    }
}
