using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Connections;
using Edge.Gateway;
using Edge.Tests.Gateway.Straight;
using Xunit;

namespace Edge.Tests.Gateway.Front;

/// <summary>Heads put together at random, good and bad: the front takes none for something else than the web server does.</summary>
public sealed class ReadAlikeTests
{
    private const int Heads = 800;

    private static readonly string[] Methods = ["GET", "GET", "GET", "GET", "HEAD", "get", "GET ", "POST", "G\tET", ""];
    private static readonly string[] Targets = ["/", "/a/b?c=d", "/%41", "/%00", "/a%2fb", "/a/../b", "/.%2e/", "/a b", "*", "a", "http://h.example/x", "/#x", "/ü", "/\\x", "//x", "/a?%00", "/?", "/a;b=c", "/%zz", "/\u007f"];
    private static readonly string[] Versions = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "http/1.1", "HTTP/1.1 "];
    private static readonly string[] Hosts = ["Host: raw.example.com", "Host: raw.example.com", "Host: raw.example.com", "HOST:raw.example.com:80", "Host:  raw.example.com \t", "Host: raw.example.com:", "Host: raw example.com", "Host: raw.example.com/", "Host: raw.example.com, b", "Host:", "Host : raw.example.com", "Host: RAW.example.com.", "Host: raw.example.com:x", "Host: user@raw.example.com"];

    private static readonly string[] Lines =
    [
        "Accept: */*", "X-A: 1", "X-A: 2", "User-Agent: x/1 (y)", "Cookie: a=1; b=2", "Connection: keep-alive", "Connection: close", "Connection: X-A", "Connection:", "Content-Length: 0",
        "Transfer-Encoding: chunked", "Transfer-Encoding : chunked", "Transfer-Encoding:\u000bchunked", " folded", "\tfolded", "NoColon", ": none", "X B: 1", "X-C: a\u0000b", "X-C: a\u0001b", "X-C: a\rb", "X-C: a\nb", "X-D:", "X-D:\t x \t",
        "X-E: ü", "Ü: 1", "Host: other.example.com", "Expect: 100-continue", "Upgrade: h2c", "TE: trailers", "X-Forwarded-For: 1.1.1.1", "Forwarded: for=1", "X_Forwarded_For: 1", "Remote-User: a", "CDN-Loop: b", "Range: bytes=0-1",
        "Keep-Alive: 5", "X-Long: " + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "X(: 1", "X-\u007f: 1", "X-F: \u007f", "Accept: text/event-stream",
    ];

    [Fact]
    public async Task Both_answer_the_same_and_ask_the_same()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of("HTTP/1.1 204 No Content\r\n\r\n"));
        await using var front = await StartAsync(TransportKind.Epoll, destination);
        await using var server = await StartAsync(TransportKind.Sockets, destination);
        for (var i = 0; i < Heads; i++)
        {
            var head = Head(random);
            var expected = await AskAsync(server, destination, head);
            var answered = await AskAsync(front, destination, head);
            Assert.True(expected == answered, $"seed {seed}, head {i}:\n{head}\nthe web server:\n{expected}\nwith the front:\n{answered}");
        }
    }

    private static async Task<RunningGateway> StartAsync(TransportKind transport, ScriptedDestination destination)
    {
        var gateway = await RunningGateway.StartAsync(options: new GatewayOptions { Http = [new(IPAddress.Loopback, 0)], Https = [] }, transport: transport);
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        return gateway;
    }

    private static string Head(Random random)
    {
        string Pick(string[] of) => of[random.Next(of.Length)];
        var end = random.Next(20) == 0 ? "\n" : "\r\n";
        var lines = Enumerable.Range(0, random.Next(4)).Select(_ => Pick(Lines)).ToList();
        if (random.Next(20) > 0)
        {
            lines.Insert(random.Next(lines.Count + 1), Pick(Hosts));
        }

        return $"{Pick(Methods)} {Pick(Targets)} {Pick(Versions)}{end}{string.Concat(lines.Select(line => line + end))}{end}";
    }

    // The status, and what the destination was asked, without what is another one each time.
    private static async Task<string> AskAsync(RunningGateway gateway, ScriptedDestination destination, string head)
    {
        var before = destination.Asked.Count;
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Http, RunningGateway.Cancel);
        var stream = client.GetStream();
        // The end of a body in chunks; for all others the next request, which is none.
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head + "0\r\n\r\n"), RunningGateway.Cancel);
        var said = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (!said.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer, RunningGateway.Cancel) is > 0 and var count)
            {
                said.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (IOException)
        {
            // Reset: what was said before counts.
        }

        // The destination takes the end of a body for a request.
        var asked = destination.Asked.Skip(before).Where(one => one.Contains(" HTTP/1.1", StringComparison.Ordinal)).Select(one => one.Replace(gateway.Loops.Id, "US", StringComparison.Ordinal).Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
            .Select(lines => string.Join('\n', [lines[0], .. lines[1..].Where(line => !line.StartsWith("X-Request-Id: ", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.OrdinalIgnoreCase)]));
        return $"{said.ToString().Split("\r\n")[0]}\n{string.Join("\n\n", asked)}";
    }
}
