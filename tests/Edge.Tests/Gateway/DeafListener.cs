using System.Net;
using System.Net.Sockets;

namespace Edge.Tests.Gateway;

/// <summary>A place that neither takes connections nor refuses them, as behind a firewall: its queue is full, and the kernel drops who comes.</summary>
internal sealed class DeafListener : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _waiting = [];

    private DeafListener()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(0);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public string Uri => $"http://127.0.0.1:{Port}/";

    public static async Task<DeafListener> StartAsync()
    {
        var deaf = new DeafListener();
        while (await deaf.TakesAsync())
        {
        }

        return deaf;
    }

    public void Dispose()
    {
        _waiting.ForEach(socket => socket.Dispose());
        _listener.Dispose();
    }

    private async Task<bool> TakesAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _waiting.Add(socket);
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(RunningGateway.Cancel);
        soon.CancelAfter(TimeSpan.FromMilliseconds(300));
        try
        {
            await socket.ConnectAsync(_listener.LocalEndPoint!, soon.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
