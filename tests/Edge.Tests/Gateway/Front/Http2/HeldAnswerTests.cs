using Edge.Connections;
using Edge.Gateway.Front.Http2;
using Edge.Tests.Gateway.Straight;
using Edge.Tests.Whole;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static Edge.Tests.Gateway.Front.Http2.FrameClient;

namespace Edge.Tests.Gateway.Front.Http2;

/// <summary>What the web server has answered and the client gives no room for is held, neither for ever nor with all that the client can think of.</summary>
public sealed class HeldAnswerTests
{
    private const int Window = 65_535;

    private static readonly string Body = new('x', 100_000);

    // The client says that it is there all the time.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_takes_nothing_for_five_minutes_is_ended_and_who_takes_something_is_not(bool takes)
    {
        var time = new FakeTimeProvider();
        await using var destination = Destination();
        await using var gateway = await RunningGateway.StartAsync(time: time, transport: TransportKind.Epoll);
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await HeldAsync(gateway);
        var minutes = 0.0;
        for (var i = 1; i <= 60 && minutes == 0; i++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            if (takes && i == 20)
            {
                await client.SendAsync(Number(FrameType.WindowUpdate, 0, 100));
                await TakeAsync(client, 100);
            }

            var isThere = await client.TrySendAsync(Frame(FrameType.Ping, 0, 0, new byte[8])) && await client.ReadAsync(FrameType.Ping) is not null;
            minutes = isThere ? 0 : i / 6.0;
        }

        Assert.InRange(minutes, takes ? 8 : 4.8, takes ? 9 : 5.7);
        await Eventually.TrueAsync(() => Task.FromResult(gateway.FrontConnections == 0), () => "it is over");
    }

    // RFC 9113 section 10.5: the answers to settings come behind what is held.
    [Fact]
    public async Task Who_agrees_on_settings_all_the_time_is_shut_out()
    {
        await using var destination = Destination();
        await using var gateway = await RunningGateway.StartAsync(transport: TransportKind.Epoll);
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await HeldAsync(gateway);
        await client.SendAsync([.. Enumerable.Range(0, 1500).Select(_ => Frame(FrameType.Settings, 0, 0)), Frame(FrameType.Ping, 0, 0, new byte[8])]);
        Assert.Equal(ErrorCode.EnhanceYourCalm, await client.EndAsync(until: FrameType.Ping));
    }

    [Fact]
    public async Task What_is_held_goes_on_when_there_is_room_with_the_answers_to_settings_behind_it()
    {
        await using var destination = Destination();
        await using var gateway = await RunningGateway.StartAsync(transport: TransportKind.Epoll);
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        await using var client = await HeldAsync(gateway);
        await client.SendAsync([.. Enumerable.Range(0, 500).Select(_ => Frame(FrameType.Settings, 0, 0)), Number(FrameType.WindowUpdate, 0, 100_000)]);
        var length = Window - 2;
        for (var agreed = 0; agreed < 500 || length < Body.Length;)
        {
            var (head, payload) = (await client.ReadAsync())!.Value;
            length += head.Type == FrameType.Data ? payload.Length : 0;
            agreed += head.Type == FrameType.Settings && head.Has(FrameFlags.Ack) ? 1 : 0;
        }

        Assert.Equal(Body.Length, length);
    }

    private static ScriptedDestination Destination() => new(number => ScriptedAnswer.Of(number == 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" : $"HTTP/1.1 200 OK\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"));

    // All that the client has room for has come.
    private static async Task<FrameClient> HeldAsync(RunningGateway gateway)
    {
        var client = await ConnectAsync(gateway.Https, Setting(Edge.Gateway.Front.Http2.Setting.InitialWindowSize, 1_000_000));
        await client.SendAsync(Request(1));
        Assert.Equal("200", (await client.AnswerAsync(1)).Status);
        await client.SendAsync(Request(3, method: "POST"));
        await TakeAsync(client, Window - 2);
        Assert.Equal(1, gateway.FrontConnections);
        return client;
    }

    private static async Task TakeAsync(FrameClient client, int count)
    {
        while (count > 0)
        {
            count -= (await client.ReadAsync(FrameType.Data, 3))!.Value.Payload.Length;
        }
    }
}
