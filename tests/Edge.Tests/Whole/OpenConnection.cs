using System.Net;
using System.Net.Sockets;

namespace Edge.Tests.Whole;

/// <summary>A connection to DNS over TCP that announced a message and never sends it.</summary>
internal sealed class OpenConnection : IAsyncDisposable
{
    private readonly TcpClient _client;

    private OpenConnection(TcpClient client) => _client = client;

    public static async Task<OpenConnection> ToAsync(int port, int bytes = 2)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        // RFC 1035 section 4.2.2: two bytes of length come first.
        await client.GetStream().WriteAsync(new byte[] { 0xFF, 0xFF }.AsMemory(0, bytes));
        return new OpenConnection(client);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
