using System.Buffers;

namespace Edge.Connections.Tls;

/// <summary>What OpenSSL wants to be sent, in the order in which it was encrypted.</summary>
internal sealed class TlsOutput
{
    private byte[]? _buffer;

    public int Count { get; private set; }

    /// <summary>Makes room, so that what is put in needs no larger buffer.</summary>
    public void Expect(int count)
    {
        if (_buffer is null)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(count);
        }
        else if (_buffer.Length - Count < count)
        {
            var full = _buffer;
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(2 * Count, Count + count));
            full.AsSpan(0, Count).CopyTo(_buffer);
            ArrayPool<byte>.Shared.Return(full);
        }
    }

    public void Put(ReadOnlySpan<byte> bytes)
    {
        Expect(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(Count));
        Count += bytes.Length;
    }

    /// <summary>Takes all of it. The caller gives the array back to the pool when it was sent.</summary>
    public ArraySegment<byte> Take()
    {
        var taken = new ArraySegment<byte>(_buffer ?? [], 0, Count);
        (_buffer, Count) = (null, 0);
        return taken;
    }

    public void Clear()
    {
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        (_buffer, Count) = (null, 0);
    }
}
