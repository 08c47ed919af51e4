using System.Buffers;

namespace Edge.Connections;

/// <summary>
/// What a socket is to send later, in one buffer. Only its writer puts something in; who is to send it takes it, so that
/// of several threads one does. No lock: who comes second goes on.
/// </summary>
internal sealed class HeldBytes
{
    /// <summary>Larger ones are not worth a copy.</summary>
    public const int Most = 8 * 1024;

    private const int None = 0;
    private const int Held = 1;
    private const int Taken = 2;

    private int _state;

    // These belong to whoever took the bytes.
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private EventLoop? _turn;

    /// <summary>Whether there are any, taken or not.</summary>
    public bool Any => Volatile.Read(ref _state) != None;

    /// <summary>What is left to send. For who took it.</summary>
    public ReadOnlySpan<byte> Rest => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Puts the first bytes in.</summary>
    /// <param name="bytes">At most <see cref="Most"/>.</param>
    /// <param name="turn">Whose turn it is at the end of which they are sent; null for <see cref="PoolTurn"/>.</param>
    public void Begin(ReadOnlySpan<byte> bytes, EventLoop? turn)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(Most);
        bytes.CopyTo(_buffer);
        (_start, _end, _turn) = (0, bytes.Length, turn);
        Volatile.Write(ref _state, Held);
    }

    /// <summary>Puts more in, where the turn is still the same one and there is room. Otherwise the caller sends what is there.</summary>
    public bool TryAdd(ReadOnlySpan<byte> bytes, EventLoop? turn)
    {
        // The end of another's turn may come now, and would pass by what is taken.
        if (turn is null || !TryTake())
        {
            return false;
        }

        var fits = _turn == turn && bytes.Length <= _buffer!.Length - _end;
        if (fits)
        {
            bytes.CopyTo(_buffer.AsSpan(_end));
            _end += bytes.Length;
        }

        Volatile.Write(ref _state, Held);
        return fits;
    }

    /// <summary>Takes them, to be sent; false when there are none or somebody else has them.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Held) == Held;

    /// <summary>So many were sent. For who took them.</summary>
    public void Sent(int count) => _start += count;

    /// <summary>All were sent, or never will be. For who took them.</summary>
    public void Clear()
    {
        var buffer = _buffer!;
        _buffer = null;
        Volatile.Write(ref _state, None);
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
