namespace Edge.Connections.Tls;

/// <summary>A stream of which somebody has read the beginning already, from that beginning on.</summary>
/// <param name="beginning">What was read.</param>
/// <param name="rest">The stream.</param>
internal sealed class BegunStream(ReadOnlyMemory<byte> beginning, Stream rest) : UnseekableStream
{
    private ReadOnlyMemory<byte> _beginning = beginning;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_beginning.IsEmpty)
        {
            return rest.ReadAsync(buffer, cancellationToken);
        }

        var count = Math.Min(buffer.Length, _beginning.Length);
        _beginning[..count].CopyTo(buffer);
        _beginning = _beginning[count..];
        return new ValueTask<int>(count);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => rest.WriteAsync(buffer, cancellationToken);
}
