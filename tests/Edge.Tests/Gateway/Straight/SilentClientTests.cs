using System.Net;
using System.Net.Sockets;
using Edge.Connections;
using Xunit;
using Eventually = Edge.Tests.Whole.Eventually;

namespace Edge.Tests.Gateway.Straight;

/// <summary>A client that stops reading holds up nobody but itself.</summary>
public sealed class SilentClientTests : IDisposable
{
    // What the sockets of the system and the buffers between them may hold; the destination would send without an end.
    private const long Bounded = 64 << 20;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private long _sent;
    private int _ended;

    public void Dispose() => _listener.Dispose();

    [Theory]
    [InlineData("epoll", "Content-Length: 900000000000")]
    [InlineData("epoll", "Connection: close")]
    [InlineData("sockets", "Content-Length: 900000000000")]
    [InlineData("sockets", "Connection: close")]
    public async Task It_gets_no_more_than_the_sockets_hold_the_routes_time_ends_it_and_others_go_on(string transport, string framing)
    {
        _listener.Start();
        var serving = ServeAsync(framing);
        await using (var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true)))
        {
            gateway.ServeShort($"services:\n  raw: {{ to: \"http://{_listener.LocalEndpoint}\", timeouts: {{ idle: 6s }} }}\n");
            await using var silent = await RawClient.ConnectAsync(gateway.Https);
            await silent.SendAsync("GET /endless HTTP/1.1\r\nHost: raw.example.com\r\n\r\n");
            await Eventually.TrueAsync(() => Task.FromResult(Interlocked.Read(ref _sent) > 0), () => "nothing is sent");
            Assert.Equal(transport == "epoll", gateway.StraightConnections > 0);

            var others = 0;
            await Eventually.TrueAsync(async () =>
            {
                Assert.Equal("served", await gateway.TextAsync("https://raw.example.com/"));
                others++;
                return Volatile.Read(ref _ended) == 1;
            }, () => $"it goes on, with {_sent} bytes");
            Assert.InRange(Interlocked.Read(ref _sent), 1, Bounded);
            Assert.True(others > 5, $"only {others} others were served meanwhile");
        }

        _listener.Stop();
        await serving;
    }

    private async Task ServeAsync(string framing)
    {
        var all = new List<Task>();
        try
        {
            while (true)
            {
                all.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(RunningGateway.Cancel), framing));
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(all);
        }
    }

    private async Task AnswerAsync(TcpClient client, string framing)
    {
        using (client)
        {
            var (stream, buffer) = (client.GetStream(), new byte[64 * 1024]);
            try
            {
                while (await stream.ReadAsync(buffer, RunningGateway.Cancel) is > 0 and var length)
                {
                    if (!buffer.AsSpan(0, length).StartsWith("GET /endless"u8))
                    {
                        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nserved"u8.ToArray(), RunningGateway.Cancel);
                        continue;
                    }

                    await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n"), RunningGateway.Cancel);
                    await SendAsync(stream, buffer);
                }
            }
            catch (IOException)
            {
                // The gateway has closed it.
            }
        }
    }

    private async Task SendAsync(NetworkStream to, byte[] piece)
    {
        try
        {
            while (true)
            {
                await to.WriteAsync(piece, RunningGateway.Cancel);
                Interlocked.Add(ref _sent, piece.Length);
            }
        }
        finally
        {
            Interlocked.Increment(ref _ended);
        }
    }
}
