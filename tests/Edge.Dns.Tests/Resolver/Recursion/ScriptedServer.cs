using System.Net;
using System.Net.Sockets;
using Edge.Dns.Tests.Views;
using Edge.Dns.Wire;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>A server on port 53 of an address inside a network namespace that says what the test says, or nothing.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly Socket _socket;
    private int _count;

    public ScriptedServer(NetworkNamespace place, string address, Func<Message, Message?> answer)
    {
        var endPoint = new IPEndPoint(IPAddress.Parse(address), 53);
        _socket = place.Inside(() => new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        _socket.Bind(endPoint);
        _ = ServeAsync(answer);
    }

    public int Count => Volatile.Read(ref _count);

    public void Dispose()
    {
        _ended.Cancel();
        _socket.Dispose();
    }

    private async Task ServeAsync(Func<Message, Message?> answer)
    {
        var buffer = new byte[65535];
        try
        {
            while (true)
            {
                var got = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _ended.Token);
                Interlocked.Increment(ref _count);
                if (answer(FakeUpstream.Parse(buffer[..got.ReceivedBytes])) is { } reply)
                {
                    _socket.SendTo(reply.ToArray(), got.RemoteEndPoint);
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }
}
