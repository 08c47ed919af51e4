using System.IO.Pipelines;
using Edge.Connections;
using Edge.Gateway.Front.Http2;
using Edge.Tests.Gateway.Straight;
using Edge.Tests.Whole;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using static Edge.Tests.Gateway.Front.Http2.FrameClient;

namespace Edge.Tests.Gateway.Front.Http2;

/// <summary>Streams wait for the room of their connection for as long as somebody wants them, and no longer (RFC 9113 section 10.5).</summary>
public sealed class RoomQueueTests : IDisposable
{
    private readonly EventLoops _loops = new(NullLogger<EventLoops>.Instance);
    private readonly ClientSide _client;

    public RoomQueueTests() => _client = new ClientSide(new FrameOutput(new Pipe().Writer, _loops.All[0]), _loops.All[0]);

    public void Dispose() => _loops.Dispose();

    [Theory]
    [InlineData("the client takes it back")]
    [InlineData("the destination's connection is broken off")]
    public async Task Who_waits_no_more_is_in_no_queue(string why)
    {
        for (var id = 1; id < 200; id += 2)
        {
            var stream = new FrontStream(null!, _client);
            stream.Begin(id, default);
            var waiting = stream.RoomAsync();
            Assert.False(_client.Waiting.IsEmpty);
            if (why.StartsWith("the client", StringComparison.Ordinal))
            {
                stream.Leave();
            }
            else
            {
                stream.Broke();
            }

            await waiting.WaitAsync(RunningGateway.Cancel);
            Assert.True(_client.Waiting.IsEmpty);
        }
    }

    [Fact]
    public void Each_has_its_turn_in_the_order_in_which_they_came()
    {
        var streams = Enumerable.Range(0, 4).Select(_ => new FrontStream(null!, _client)).ToArray();
        var order = new List<int>();
        for (var i = 0; i < streams.Length; i++)
        {
            var number = i;
            streams[i].Begin(1 + (2 * i), default);
            _ = streams[i].RoomAsync().ContinueWith(_ => order.Add(number), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        streams[1].Leave();
        _client.Waiting.Wake(_client);
        Assert.Equal([1, 0, 2, 3], order);
        Assert.True(_client.Waiting.IsEmpty);
    }

    // What the streams before have begun with, and nobody wanted, is no hindrance.
    [Fact]
    public async Task Streams_that_came_and_went_without_room_keep_nobody_waiting()
    {
        var body = new string('x', 100_000);
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        await using var gateway = await RunningGateway.StartAsync(transport: TransportKind.Epoll);
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await ConnectAsync(gateway.Https, Setting(Edge.Gateway.Front.Http2.Setting.InitialWindowSize, 1_000_000));
        await client.SendAsync(Request(1));
        var length = 0;
        while (length < 65_535)
        {
            length += (await client.ReadAsync(FrameType.Data, 1))!.Value.Payload.Length;
        }

        for (var id = 3; id < 603; id += 2)
        {
            await client.SendAsync(Request(id));
            Assert.NotNull(await client.ReadAsync(FrameType.Headers, id));
            await client.SendAsync(Number(FrameType.ResetStream, id, 8));
        }

        await client.SendAsync(Number(FrameType.WindowUpdate, 0, 1_000_000));
        while (length < body.Length)
        {
            length += (await client.ReadAsync(FrameType.Data, 1))!.Value.Payload.Length;
        }

        await Eventually.TrueAsync(() => Task.FromResult(gateway.StraightConnections <= 1), () => "what nobody wants is left at the destination");
    }
}
