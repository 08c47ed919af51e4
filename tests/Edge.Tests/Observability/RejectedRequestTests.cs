using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Edge.Access;
using Edge.Gateway;
using Edge.Observability;
using Edge.Tests.Certificates;
using Edge.Tests.Gateway;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using Eventually = Edge.Tests.Whole.Eventually;

namespace Edge.Tests.Observability;

/// <summary>What is no request is answered by the web server itself: it has a page, a line and a count like every other.</summary>
public sealed class RejectedRequestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string LogPath => Path.Combine(_folder.Path, "access.log");

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, int, string, string> Rejected => new()
    {
        // RFC 9112 section 3: no request line.
        { "GARBAGE\r\n\r\n", 400, "", "The request could not be read" },
        { "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n", 400, "", "The request could not be read" },
        // Section 3.2: a CONNECT whose Host is another one than its target.
        { "CONNECT raw.example.com:443 HTTP/1.1\r\nHost: other.example.com\r\n\r\n", 400, "CONNECT", "The request could not be read" },
        { "GET / HTTP/1.1\r\nHost: raw.example.com\r\nHost: other.example.com\r\n\r\n", 400, "GET", "The request could not be read" },
        { "GET /p HTTP/1.1\r\nHost: raw.example.com\r\nBad Name: x\r\n\r\n", 400, "GET", "The request could not be read" },
        { "GET * HTTP/1.1\r\nHost: raw.example.com\r\n\r\n", 405, "", "The request has a method that its target does not take" },
        { "GET /" + new string('a', 9000) + " HTTP/1.1\r\nHost: raw.example.com\r\n\r\n", 414, "", "The address is too long" },
        { "GET /p HTTP/1.1\r\nHost: raw.example.com\r\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: 1\r\n")) + "\r\n", 431, "GET", "The headers are too large" },
        { "GET /p HTTP/3.7\r\nHost: raw.example.com\r\n\r\n", 505, "", "The gateway does not speak that version of HTTP" },
    };

    [Theory]
    [MemberData(nameof(Rejected))]
    public async Task It_is_answered_in_the_form_of_all_errors_and_has_its_line_and_its_count(string request, int status, string method, string title)
    {
        await using var room = Open();
        await using var gateway = await RunningGateway.StartAsync(observed: room);
        await using var client = await RawClient.ConnectAsync(gateway.Https);
        await client.TrySendAsync(System.Text.Encoding.Latin1.GetBytes(request));
        var answer = await client.ReadAsync();
        var line = (await LinesAsync(1))[0];
        var body = $"{status} {title}\n";
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: text/plain; charset=utf-8\r\n", answer, StringComparison.Ordinal);
        Assert.Contains($"\r\n\r\n{body}", answer, StringComparison.Ordinal);
        Assert.EndsWith($"\nrequest {line.GetProperty("id").GetString()}\n", answer, StringComparison.Ordinal);
        Assert.Equal(int.Parse(answer.Split("Content-Length: ")[1].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture), answer.Length - answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) - 4);
        Assert.Equal(("127.0.0.1", status, method), (line.GetProperty("client").GetString(), line.GetProperty("status").GetInt32(), line.GetProperty("method").GetString()));
        Assert.Matches("^[A-Z](?!.*'').*$", line.GetProperty("error").GetString());
        Assert.Equal([(status, 1L)], room.Requests.Rejected());
        Assert.Equal(($"{status / 100}xx", 1), Assert.Single(room.Requests.WithoutRoute.ByClass()));
        Assert.Equal(0, room.Requests.InFlight);
    }

    [Fact]
    public async Task A_browser_gets_a_page()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Https);
        await client.SendAsync("GET /p HTTP/1.1\r\nHost: raw.example.com\r\nAccept: text/html\r\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: 1\r\n")) + "\r\n");
        Assert.Contains("<h1>The headers are too large</h1>", await client.ReadAsync(), StringComparison.Ordinal);
    }

    // A body that turns out to be none is found while it is forwarded: the request has its line from there.
    [Fact]
    public async Task What_is_found_bad_on_its_way_has_one_line()
    {
        await using var backend = await Backend.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null));
        await using var room = Open();
        await using var gateway = await RunningGateway.StartAsync(observed: room);
        gateway.Serve(RunningGateway.Service("raw", backend.Uri));
        await using var client = await RawClient.ConnectAsync(gateway.Https);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: raw.example.com\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400 ", await client.ReadAsync(), StringComparison.Ordinal);
        var line = (await LinesAsync(1))[0];
        Assert.Equal((400, "service:raw", "Bad chunk size data."), (line.GetProperty("status").GetInt32(), line.GetProperty("route").GetString(), line.GetProperty("error").GetString()));
        Assert.Empty(room.Requests.Rejected());
        Assert.DoesNotContain(gateway.Logged, static said => said.Contains("failed with RequestBodyClient", StringComparison.Ordinal));
    }

    // RFC 9112 section 7.1: the framing is the client's. Who leaves in the middle of a body has framed nothing wrongly.
    [Fact]
    public async Task Who_sends_bodies_that_are_none_is_banned_and_who_leaves_in_the_middle_is_not()
    {
        var bans = Bans();
        await using var backend = await Backend.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null));
        await using var room = Open();
        await using var gateway = await RunningGateway.StartAsync(bans: bans, observed: room);
        gateway.Serve(RunningGateway.Service("raw", backend.Uri));
        for (var i = 0; i < 4; i++)
        {
            await using var left = await RawClient.ConnectAsync(gateway.Https);
            await left.SendAsync("POST / HTTP/1.1\r\nHost: raw.example.com\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe");
        }

        await LinesAsync(4);
        for (var i = 0; i < 4; i++)
        {
            Assert.False(bans.Holds(IPAddress.Loopback));
            await using var client = await RawClient.ConnectAsync(gateway.Https);
            await client.SendAsync("POST / HTTP/1.1\r\nHost: raw.example.com\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n");
            Assert.Contains("It is no well-formed HTTP: Bad chunk suffix.", await client.ReadAsync(), StringComparison.Ordinal);
        }

        await Eventually.TrueAsync(() => Task.FromResult(bans.Holds(IPAddress.Loopback)), () => "nobody is banned");
        Assert.Equal("malformed", Assert.Single(bans.All).Reason);
    }

    // RFC 9112 section 3.2 asks for a Host from HTTP/1.1 on only.
    [Fact]
    public async Task A_request_of_http_1_0_without_a_host_is_told_what_is_missing()
    {
        await using var room = Open();
        await using var gateway = await RunningGateway.StartAsync(observed: room);
        var answer = await PlainClient.AskAsync(gateway.Http, "GET / HTTP/1.0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("A client of HTTP/1.0 has to send a Host header here as well.", answer, StringComparison.Ordinal);
        Assert.Equal("The request names no host", (await LinesAsync(1))[0].GetProperty("error").GetString());
    }

    // RFC 9113 section 7: HTTP_1_1_REQUIRED. What is no frame is not understood by who began like this.
    [Fact]
    public async Task The_beginning_of_http_2_without_tls_is_answered_by_a_frame_and_nothing_else()
    {
        await using var room = Open();
        await using var gateway = await RunningGateway.StartAsync(observed: room);
        var answer = await PlainClient.AskAsync(gateway.Http, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");
        Assert.Equal("\0\0\u0008\u0007\0\0\0\0\0\0\0\0\0\0\0\0\u000d", answer);
        Assert.Equal(505, (await LinesAsync(1))[0].GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task Many_are_counted_and_have_no_line_each()
    {
        await using var room = Open();
        await using var gateway = await RunningGateway.StartAsync(observed: room);
        const int sent = Rejections.MostLines + 20;
        for (var i = 0; i < sent; i++)
        {
            await using var client = await RawClient.ConnectAsync(gateway.Https);
            await client.SendAsync("GARBAGE\r\n\r\n");
            await client.ReadAsync();
        }

        Assert.Equal([(400, (long)sent)], room.Requests.Rejected());
        await LinesAsync(Rejections.MostLines);
    }

    [Fact]
    public async Task Who_sends_much_of_it_is_banned()
    {
        var bans = Bans();
        await using var gateway = await RunningGateway.StartAsync(bans: bans);

        // Who has left in the middle of a line counts for nothing.
        for (var i = 0; i < 4; i++)
        {
            await using var left = await RawClient.ConnectAsync(gateway.Https);
            await left.SendAsync("GET /half HT");
        }

        for (var i = 0; i < 4; i++)
        {
            Assert.False(bans.Holds(IPAddress.Loopback));
            await using var client = await RawClient.ConnectAsync(gateway.Https);
            await client.SendAsync("GARBAGE\r\n\r\n");
            await client.ReadAsync();
        }

        await Eventually.TrueAsync(() => Task.FromResult(bans.Holds(IPAddress.Loopback)), () => "nobody is banned");
        Assert.Equal("malformed", Assert.Single(bans.All).Reason);
    }

    // A picture with a long address in somebody's page: a hundred of them are no reason to ban who looks at the page.
    [Fact]
    public async Task What_any_page_can_have_its_visitors_ask_counts_a_tenth()
    {
        var bans = Bans();
        await using var gateway = await RunningGateway.StartAsync(bans: bans);
        for (var i = 0; i < 31; i++)
        {
            Assert.False(bans.Holds(IPAddress.Loopback));
            await using var client = await RawClient.ConnectAsync(gateway.Https);
            await client.SendAsync($"GET /{new string('a', 9000)} HTTP/1.1\r\nHost: raw.example.com\r\n\r\n");
            Assert.Contains(" 414 ", await client.ReadAsync(), StringComparison.Ordinal);
            await Eventually.TrueAsync(() => Task.FromResult(bans.Waiting == 0), () => "it is not counted");
        }

        await Eventually.TrueAsync(() => Task.FromResult(bans.Holds(IPAddress.Loopback)), () => "nobody is banned");
    }

    private static BanManager Bans() => new(new BanSetup
    {
        Options = new BanOptions { After = ImmutableDictionary<OffenceKind, int>.Empty.Add(OffenceKind.Malformed, 3), Never = [] },
        IsLan = _ => false,
        Store = null,
        Time = TimeProvider.System,
        Log = NullLogger.Instance,
    });

    private ObservabilityRoom Open()
    {
        var room = ObservabilityRoom.Open(new AccessLogOptions { File = LogPath }, tracing: false, TimeProvider.System, NullLogger.Instance);
        room.Log.Start();
        return room;
    }

    private async Task<JsonElement[]> LinesAsync(int count)
    {
        string[] lines = [];
        await Eventually.TrueAsync(async () => (lines = File.Exists(LogPath) ? await File.ReadAllLinesAsync(LogPath) : []).Length >= count, () => $"{lines.Length} lines instead of {count}", patience: TimeSpan.FromSeconds(10));
        Assert.True(count == lines.Length, string.Join('\n', lines));
        return [.. lines.Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
