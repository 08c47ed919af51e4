using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Edge.Access;
using Edge.Connections;
using Edge.Observability;
using Edge.Tests.Certificates;
using Edge.Tests.Gateway;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using Eventually = Edge.Tests.Whole.Eventually;

namespace Edge.Tests.Observability;

/// <summary>Plain HTTP at an HTTPS port: the client is told what is wrong, and so is who looks after the box.</summary>
public sealed class PlainAtTlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string LogPath => Path.Combine(_folder.Path, "access.log");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("GET /p HTTP/1.1\r\nHost: raw.example.com:8443\r\n\r\n", "Epoll", "Ask for https://raw.example.com:8443/\n")]
    [InlineData("GET /p HTTP/1.1\r\nHost: raw.example.com\r\nAccept: text/html\r\n\r\n", "Epoll", "<pre>Ask for https://raw.example.com/</pre>")]
    [InlineData("GET /p HTTP/1.1\r\nHost: raw.example.com\r\n\r\n", "Sockets", "Ask for https://raw.example.com/\n")]
    [InlineData("GET /p HTTP/1.0\r\n\r\n", "Epoll", "400 This port speaks HTTPS\nThe request came as plain HTTP, without TLS.\n\nrequest ")]
    public async Task Plain_http_where_tls_is_spoken_is_told_so_and_has_its_line_and_its_count(string request, string transport, string expected)
    {
        await using var room = Open();
        await using var gateway = await RunningGateway.StartAsync(observed: room, transport: Enum.Parse<TransportKind>(transport));
        var answer = await PlainClient.AskAsync(gateway.Https, request);
        var line = (await LinesAsync(1))[0];
        Assert.StartsWith("HTTP/1.1 400 Bad Request\r\n", answer, StringComparison.Ordinal);
        Assert.Contains(expected, answer, StringComparison.Ordinal);
        Assert.Equal(int.Parse(answer.Split("Content-Length: ")[1].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture), answer.Length - answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) - 4);
        Assert.Equal(("127.0.0.1", "GET", "/p", "http", "Plain HTTP at an HTTPS port"), (line.GetProperty("client").GetString(), line.GetProperty("method").GetString(), line.GetProperty("path").GetString(), line.GetProperty("scheme").GetString(), line.GetProperty("error").GetString()));
        Assert.Equal([(400, 1L)], room.Requests.Rejected());
        Assert.Equal(0, room.Requests.InFlight);

        // Who speaks TLS is served beside it.
        using var client = await gateway.GetAsync("https://raw.example.com/");
        Assert.Equal(HttpStatusCode.NotFound, client.StatusCode);
    }

    [Fact]
    public async Task Who_speaks_plain_http_to_tls_all_day_is_banned_and_answered_no_more()
    {
        var bans = Bans();
        await using var gateway = await RunningGateway.StartAsync(bans: bans);
        // Any page can have its visitor's browser do it, so that it counts a tenth.
        for (var i = 0; i < 31; i++)
        {
            Assert.False(bans.Holds(IPAddress.Loopback));
            Assert.Contains("This port speaks HTTPS", await PlainClient.AskAsync(gateway.Https, "GET / HTTP/1.1\r\nHost: raw.example.com\r\n\r\n"), StringComparison.Ordinal);
        }

        await Eventually.TrueAsync(() => Task.FromResult(bans.Holds(IPAddress.Loopback)), () => "nobody is banned");
        Assert.Equal("", await PlainClient.AskAsync(gateway.Https, "GET / HTTP/1.1\r\nHost: raw.example.com\r\n\r\n"));
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
        Assert.Equal(count, lines.Length);
        return [.. lines.Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
