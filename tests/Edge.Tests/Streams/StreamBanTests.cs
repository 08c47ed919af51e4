using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Services;
using Edge.Streams;
using Edge.Tests.Gateway;
using Edge.Tests.Whole;
using Microsoft.Extensions.DependencyInjection;

namespace Edge.Tests.Streams;

/// <summary>Who is banned gets no stream either.</summary>
public sealed class StreamBanTests
{
    [Fact]
    public async Task A_banned_address_gets_neither_a_connection_nor_an_answer()
    {
        var banned = IPAddress.Parse("127.0.0.7");
        using var echo = new EchoServer("ssh");
        using var game = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var provider = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System)
            .AddStreams(new StreamOptions { Addresses = [IPAddress.Loopback] }, _ => new StreamClients(_ => true, banned.Equals, (_, _, _) => ValueTask.FromResult(true))).BuildServiceProvider();
        var (tcp, udp) = (EdgeProcess.FreePort(), EdgeProcess.FreePort());
        provider.GetRequiredService<StreamManager>().Apply(new ServiceSet(1, ShortForm.Services($"""
            services:
              game:
                to: udp://127.0.0.1:{((IPEndPoint)game.Client.LocalEndPoint!).Port}
                listen: {udp}
              ssh:
                to: tcp://127.0.0.1:{echo.Port}
                listen: {tcp}
            """), []));

        Assert.Contains(await AskAsync(banned, tcp), (string[])["", "reset"]);
        Assert.Equal("ssh got 5: hello", await StreamClient.AskAsync("127.0.0.1", tcp, "hello"));
        Assert.Equal(1, echo.Accepted);

        // What the stranger sends first would come first.
        using var from = new UdpClient(new IPEndPoint(banned, 0));
        using var guest = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await from.SendAsync(Encoding.ASCII.GetBytes("stranger"), new IPEndPoint(IPAddress.Loopback, udp), TestContext.Current.CancellationToken);
        await guest.SendAsync(Encoding.ASCII.GetBytes("guest"), new IPEndPoint(IPAddress.Loopback, udp), TestContext.Current.CancellationToken);
        Assert.Equal("guest", Encoding.ASCII.GetString((await game.ReceiveAsync(TestContext.Current.CancellationToken)).Buffer));
    }

    // The end may come at any step: a connection that is closed with something unread is reset.
    private static async Task<string> AskAsync(IPAddress from, int port)
    {
        try
        {
            using var client = new TcpClient(new IPEndPoint(from, 0));
            await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
            return await StreamClient.AskAsync(client, "hello");
        }
        catch (SocketException ended) when (ended.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.NotConnected)
        {
            return "reset";
        }
    }
}
