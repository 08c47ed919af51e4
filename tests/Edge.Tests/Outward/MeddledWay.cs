using System.Net;
using System.Net.Sockets;

namespace Edge.Tests.Outward;

/// <summary>The way to a server on this machine, on which something happens before one of the connections goes on.</summary>
internal sealed class MeddledWay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;

    /// <param name="to">The server's port.</param>
    /// <param name="before">The connection, from 1.</param>
    /// <param name="happens">What happens before it.</param>
    public MeddledWay(int to, int before, Func<Task> happens)
    {
        _listener.Start();
        _running = RunAsync(to, before, happens);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task RunAsync(int to, int before, Func<Task> happens)
    {
        try
        {
            for (var at = 1; ; at++)
            {
                using var client = await _listener.AcceptTcpClientAsync(_end.Token);
                if (at == before)
                {
                    await happens();
                }

                using var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, to, _end.Token);
                await using var there = server.GetStream();
                await using var here = client.GetStream();
                var asking = here.CopyToAsync(there, _end.Token);
                var answering = there.CopyToAsync(here, _end.Token);
                await Task.WhenAny(asking, answering);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
    }
}
