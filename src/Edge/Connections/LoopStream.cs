namespace Edge.Connections;

/// <summary>A socket of an event loop as a stream. What is written leaves at once. A loop's thread must never block: nobody reads or writes it so.</summary>
internal sealed class LoopStream(LoopSocket socket) : UnseekableStream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    /// <summary>Reads what is there without waiting: 0 at the end, -1 when there is nothing.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public int TryRead(Span<byte> buffer) => socket.TryReceive(buffer);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => socket.ReceiveAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => socket.SendAsync(buffer, cancellationToken);

    /// <summary>Writes much that lies in two places.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second) => socket.SendAsync(first, second, CancellationToken.None);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            socket.Dispose();
        }

        base.Dispose(disposing);
    }
}
