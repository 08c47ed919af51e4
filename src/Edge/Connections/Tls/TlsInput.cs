using System.Buffers;

namespace Edge.Connections.Tls;

/// <summary>What has come from the socket and OpenSSL has not taken yet. It holds a buffer only while there is something in it.</summary>
internal sealed class TlsInput
{
    // Two full records (RFC 8446 section 5.1) in one read.
    private const int Size = 32 * 1024;

    // OpenSSL itself refuses a ClientHello beyond some 128 KiB.
    private const int MostKept = 256 * 1024;

    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _isFilling;
    private bool _keeps = true;

    /// <summary>Whether nothing is left to take.</summary>
    public bool IsEmpty => _start == _end;

    /// <summary>Everything that has come, taken or not, for as long as nothing was forgotten.</summary>
    public ReadOnlyMemory<byte> Kept => _buffer.AsMemory(0, _end);

    /// <summary>From now on what was taken is forgotten.</summary>
    public void Forget() => _keeps = false;

    /// <summary>Where the next bytes are to be put; <see cref="Filled"/> says how many came.</summary>
    /// <exception cref="IOException">A beginning that never ends.</exception>
    public Memory<byte> Room()
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(Size);
        if (_end > _buffer.Length - Size / 2 && _end > 0)
        {
            Widen(_buffer);
        }

        _isFilling = true;
        return _buffer.AsMemory(_end);
    }

    public void Filled(int count)
    {
        _isFilling = false;
        _end += count;
        Release();
    }

    /// <summary>Takes bytes; 0 when there are none.</summary>
    public int Take(Span<byte> into)
    {
        var count = Math.Min(into.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(into);
        _start += count;
        return count;
    }

    /// <summary>Gives the buffer back where nothing is left in it.</summary>
    public void Release()
    {
        if (_buffer is not null && IsEmpty && !_keeps && !_isFilling)
        {
            Drop();
        }
    }

    /// <summary>Forgets everything. Bytes may still be on their way into the buffer: nobody else gets it.</summary>
    public void Clear()
    {
        (_buffer, _start, _end) = (null, 0, 0);
    }

    private void Drop()
    {
        ArrayPool<byte>.Shared.Return(_buffer!);
        (_buffer, _start, _end) = (null, 0, 0);
    }

    private void Widen(byte[] full)
    {
        var from = _keeps ? 0 : _start;
        if (_end - from > MostKept)
        {
            throw new IOException("The client says more than a handshake begins with.");
        }

        _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(Size, 2 * (_end - from)));
        full.AsSpan(from, _end - from).CopyTo(_buffer);
        (_start, _end) = (_start - from, _end - from);
        ArrayPool<byte>.Shared.Return(full);
    }
}
