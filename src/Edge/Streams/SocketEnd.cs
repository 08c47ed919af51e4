using System.Net;
using System.Net.Sockets;

namespace Edge.Streams;

/// <summary>A TCP socket as one side of a relay, with what was read ahead of it to find its route.</summary>
internal sealed class SocketEnd(Socket socket) : IStreamEnd, IDisposable
{
    private ReadOnlyMemory<byte> _ahead;

    public IPEndPoint? Remote { get; set; } = socket.RemoteEndPoint as IPEndPoint;

    public IPEndPoint? Local { get; set; } = socket.LocalEndPoint as IPEndPoint;

    /// <summary>Puts back what belongs to the stream.</summary>
    public void PutBack(ReadOnlyMemory<byte> bytes) => _ahead = bytes;

    public async ValueTask WaitAsync(CancellationToken cancel)
    {
        if (_ahead.IsEmpty)
        {
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancel).ConfigureAwait(false);
        }
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        if (_ahead.IsEmpty)
        {
            return socket.ReceiveAsync(buffer, SocketFlags.None, cancel);
        }

        var taken = Math.Min(_ahead.Length, buffer.Length);
        _ahead[..taken].CopyTo(buffer);
        _ahead = _ahead[taken..];
        return ValueTask.FromResult(taken);
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancel).ConfigureAwait(false)..];
        }
    }

    public void EndSending()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The other side is gone already.
        }
    }

    /// <summary>Ends it so that the other side learns that something went wrong: a reset instead of an orderly end.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    public void Dispose() => socket.Dispose();
}
