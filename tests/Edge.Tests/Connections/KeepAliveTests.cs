using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Edge.Connections;
using Edge.Tests.Gateway;
using Edge.Tests.Gateway.Straight;
using Edge.Tests.Whole;
using Xunit;

namespace Edge.Tests.Connections;

/// <summary>The kernel asks peers that say nothing whether they are there (RFC 9293 section 3.8.4), as it says itself in proc(5).</summary>
public sealed class KeepAliveTests
{
    // As the kernel counts here: so many in a second.
    private const int Ticks = 100;

    [Theory]
    [InlineData("epoll", "GET")]
    [InlineData("epoll", "POST")]
    [InlineData("sockets", "POST")]
    public async Task Both_ends_of_a_stream_that_is_silent_are_asked_after_a_minute(string transport, string method)
    {
        using var never = new SemaphoreSlim(0);
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Of("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: begun\n\n") with { Next = never });
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), "https://raw.example.com/");
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, RunningGateway.Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        await AskedAsync(local: null, remote: new Uri(destination.Uri).Port);
        if (transport == "epoll")
        {
            await AskedAsync(local: gateway.Https, remote: null);
        }
    }

    [Fact]
    public async Task What_a_socket_that_listens_accepts_is_asked()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        KeepAlive.Ask(listener);
        listener.Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!, RunningGateway.Cancel);
        using var accepted = await listener.AcceptAsync(RunningGateway.Cancel);
        Assert.Equal(1, (int)accepted.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
        var (idle, interval, count) = (Tcp(SocketOptionName.TcpKeepAliveTime), Tcp(SocketOptionName.TcpKeepAliveInterval), Tcp(SocketOptionName.TcpKeepAliveRetryCount));
        Assert.Equal((60, 15, 4), (idle, interval, count));
        await AskedAsync(((IPEndPoint)listener.LocalEndPoint!).Port, remote: null);

        int Tcp(SocketOptionName name) => (int)accepted.GetSocketOption(SocketOptionLevel.Tcp, name)!;
    }

    // Another timer may run for the moment, while something is under way.
    private static Task AskedAsync(int? local, int? remote) => Eventually.TrueAsync(
        () =>
        {
            var seconds = KeepAliveOf(local, remote);
            return Task.FromResult(seconds is [> 0 and <= 60]);
        },
        () => $"{local}-{remote} is asked: {string.Join(", ", KeepAliveOf(local, remote))}");

    // In how many seconds the peers of connections that stand are asked; -1 where nobody is.
    private static List<int> KeepAliveOf(int? local, int? remote) =>
    [
        .. File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "01" && (local is null || PortOf(fields[1]) == local) && (remote is null || PortOf(fields[2]) == remote))
            .Select(fields => fields[5].Split(':'))
            .Select(timer => timer[0] == "02" ? (int.Parse(timer[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) + Ticks - 1) / Ticks : -1),
    ];

    private static int PortOf(string address) => int.Parse(address.Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
