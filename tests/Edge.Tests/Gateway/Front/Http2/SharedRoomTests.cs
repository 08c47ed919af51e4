using Edge.Connections;
using Edge.Gateway.Front.Http2;
using Edge.Tests.Gateway.Straight;
using Xunit;
using static Edge.Tests.Gateway.Front.Http2.FrameClient;
using Eventually = Edge.Tests.Whole.Eventually;

namespace Edge.Tests.Gateway.Front.Http2;

/// <summary>What streams of one connection share: its room, its windows, and its end.</summary>
public sealed class SharedRoomTests
{
    private const int Large = 48 * 1024 * 1024;

    private static readonly byte[] OpenWindows = [.. Setting(Edge.Gateway.Front.Http2.Setting.InitialWindowSize, int.MaxValue)];

    // A client on a slow line that has a film under way looks at a page beside it.
    [Theory]
    [InlineData("epoll", "GET")]
    [InlineData("epoll", "POST")]
    [InlineData("sockets", "GET")]
    public async Task A_large_answer_lets_small_ones_pass(string transport, string method)
    {
        var sent = 0L;
        await using var backend = await FilmsAsync(count => Interlocked.Add(ref sent, count));
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", backend.Uri));
        await using var client = await ConnectAsync(gateway.Https, OpenWindows);
        await client.SendAsync(Number(FrameType.WindowUpdate, 0, int.MaxValue - 65_535), Request(1, "/film", method));
        Assert.NotNull(await client.ReadAsync(FrameType.Data, 1));

        // What lies between has filled up, as the client reads nothing.
        await Eventually.TrueAsync(() => Task.FromResult(Interlocked.Read(ref sent) > 1024 * 1024), () => "the film begins");
        await client.SendAsync(Request(3, "/page"), Request(5, "/page"));
        var (film, pages) = (0L, 0);
        while (pages < 2 && await client.ReadAsync() is var (head, payload))
        {
            film += head.Type == FrameType.Data && head.Stream == 1 ? payload.Length : 0;
            pages += head.Stream > 1 && head.Has(FrameFlags.EndStream) && head.Type == FrameType.Data ? 1 : 0;
        }

        Assert.Equal(2, pages);
        Assert.InRange(film, 0, Large / 2);
    }

    // Firefox says how much it takes of a stream right behind its request. The front asks, finds an answer that it does not take, and leaves it.
    [Fact]
    public async Task What_a_client_takes_of_a_stream_is_known_to_the_web_server_that_answers_it_in_the_end()
    {
        var body = new string('x', 300_000);
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of($"HTTP/1.1 200 OK\r\nX-Long: {new string('a', 20_000)}\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        await using var gateway = await RunningGateway.StartAsync(transport: TransportKind.Epoll);
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await ConnectAsync(gateway.Https, Setting(Edge.Gateway.Front.Http2.Setting.InitialWindowSize, 10_000));
        await client.SendAsync(Request(1), Number(FrameType.WindowUpdate, 1, 1_000_000), Number(FrameType.WindowUpdate, 0, 1_000_000));
        var length = 0;
        while (length < body.Length && await client.ReadAsync(FrameType.Data, 1) is var (_, payload))
        {
            length += payload.Length;
        }

        Assert.Equal(body.Length, length);
        Assert.Equal(2, destination.Asked.Count);
    }

    [Theory]
    [InlineData("epoll", "GET")]
    [InlineData("epoll", "POST")]
    [InlineData("sockets", "GET")]
    public async Task A_client_that_leaves_in_the_middle_of_an_answer_leaves_nothing_behind(string transport, string method)
    {
        await using var backend = await FilmsAsync(_ => { });
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", backend.Uri));
        await using (var client = await ConnectAsync(gateway.Https, OpenWindows))
        {
            await client.SendAsync(Number(FrameType.WindowUpdate, 0, int.MaxValue - 65_535), Request(1, "/film", method), Request(3, "/film", method));
            Assert.NotNull(await client.ReadAsync(FrameType.Data, 3));
        }

        await Eventually.TrueAsync(() => Task.FromResult(gateway.FrontConnections == 0), () => "it is over");
        Assert.DoesNotContain(gateway.Logged, line => line.Contains("nhandled", StringComparison.Ordinal) || line.Contains("Exception", StringComparison.Ordinal));
    }

    private static Task<Backend> FilmsAsync(Action<int> sent) => Backend.StartAsync(async context =>
    {
        var length = context.Request.Path == "/film" ? Large : 200;
        context.Response.ContentLength = length;
        for (var (piece, left) = (new byte[64 * 1024], length); left > 0; left -= piece.Length)
        {
            await context.Response.Body.WriteAsync(piece.AsMemory(0, Math.Min(left, piece.Length)), context.RequestAborted);
            sent(piece.Length);
        }
    });
}
