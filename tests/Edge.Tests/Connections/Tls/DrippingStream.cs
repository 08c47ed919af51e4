using System.Net.Sockets;
using Edge.Connections;

namespace Edge.Tests.Connections.Tls;

/// <summary>What is written to a socket leaves one byte at a time.</summary>
internal sealed class DrippingStream(Socket socket) : UnseekableStream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        buffer.IsEmpty ? new ValueTask<int>(0) : socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < buffer.Length; i++)
        {
            await socket.SendAsync(buffer.Slice(i, 1), SocketFlags.None, cancellationToken);
        }
    }
}
