using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;
using Edge.Connections;

namespace Edge.Gateway.Front.Http2;

/// <summary>
/// Writes frames to a client. What is written in one turn of the loop leaves together when it ends. On the loop's thread alone.
/// </summary>
internal sealed class FrameOutput(PipeWriter pipe, EventLoop loop)
{
    // So much may be written in a turn before it is given away.
    private const int MostUnflushed = 64 * 1024;

    // So many answers to a client's own frames may wait for a client that does not read them.
    private const int MostUnread = 1000;

    private static readonly Action<object?> FlushTurn = static output => ((FrameOutput)output!).EndTurn();

    private TaskCompletionSource? _room;
    private int _unflushed;
    private int _unread;
    private bool _isScheduled;
    private bool _isEnding;
    private bool _isTurn;
    private bool _isOver;

    /// <summary>The client does not take what was written before.</summary>
    public bool IsFull { get; private set; }

    /// <summary>There is room again.</summary>
    public Action? Emptied { get; set; }

    /// <summary>Told while there is none.</summary>
    public Untaken? Untaken { get; init; }

    public Span<byte> GetSpan(int length)
    {
        Debug.Assert(EventLoop.Current == loop, "Frames are written on the loop's thread alone.");
        return pipe.GetSpan(length);
    }

    public void Advance(int count)
    {
        pipe.Advance(count);
        _unflushed += count;
        if (!_isScheduled)
        {
            _isScheduled = true;
            loop.PostToTurnEnd(FlushTurn, this);
        }

        if (_unflushed >= MostUnflushed)
        {
            Flush();
        }
    }

    /// <summary>A frame with a payload that is there.</summary>
    public void Frame(FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var span = GetSpan(FrameHead.Size + payload.Length);
        new FrameHead(payload.Length, type, flags, stream).Write(span);
        payload.CopyTo(span[FrameHead.Size..]);
        Advance(FrameHead.Size + payload.Length);
    }

    /// <summary>The same as an answer to a frame that a client may send as often as it likes.</summary>
    /// <exception cref="ConnectionFault">It does, and does not read the answers.</exception>
    public void Answer(FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        _unread = IsFull ? _unread + 1 : 0;
        if (_unread > MostUnread)
        {
            throw new ConnectionFault(ErrorCode.EnhanceYourCalm, "More to answer than is read.");
        }

        Frame(type, flags, stream, payload);
    }

    /// <summary>Gives the window back that a body took that nobody reads.</summary>
    /// <exception cref="ConnectionFault">The client sends such bodies all the time, and does not read the answers.</exception>
    public void AnswerWindow(int by)
    {
        if (by > 0)
        {
            Span<byte> payload = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(payload, by);
            Answer(FrameType.WindowUpdate, FrameFlags.None, 0, payload);
        }
    }

    /// <summary>Ends a stream.</summary>
    public void Reset(int stream, ErrorCode code) => Number(FrameType.ResetStream, stream, (uint)code);

    public void WindowUpdate(int stream, int by) => Number(FrameType.WindowUpdate, stream, (uint)by);

    public void GoAway(int last, ErrorCode code)
    {
        Span<byte> payload = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(payload, last);
        BinaryPrimitives.WriteUInt32BigEndian(payload[4..], (uint)code);
        Frame(FrameType.GoAway, FrameFlags.None, 0, payload);
    }

    /// <summary>The connection ends: nobody waits for its client any more.</summary>
    public void End()
    {
        _isEnding = true;
        _room?.TrySetResult();
    }

    /// <summary>Nothing more is written.</summary>
    public void Complete()
    {
        Flush();
        _isOver = true;
    }

    /// <summary>Ends when there is room. Who awaits it may go on on any thread: others await it too.</summary>
    public Task RoomAsync() => IsFull && !_isEnding ? (_room ??= new TaskCompletionSource()).Task : Task.CompletedTask;

    private void Number(FrameType type, int stream, uint value)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(payload, value);
        Frame(type, FrameFlags.None, stream, payload);
    }

    private void EndTurn()
    {
        _isScheduled = false;
        Flush();
    }

    private void Flush()
    {
        if (IsFull || _isOver || _unflushed == 0)
        {
            return;
        }

        _unflushed = 0;
        var flushing = pipe.FlushAsync();
        if (flushing.IsCompleted)
        {
            flushing.GetAwaiter().GetResult();
        }
        else
        {
            IsFull = true;
            _ = WaitAsync(flushing);
        }
    }

    private async Task WaitAsync(ValueTask<FlushResult> flushing)
    {
        Untaken?.Begin();
        await flushing;
        await new LoopHop(loop);
        Untaken?.End();
        IsFull = false;
        Flush();
        if (IsFull)
        {
            return;
        }

        // Whose turn it is writes first: neither side takes all of the room for ever.
        _isTurn = !_isTurn;
        if (_isTurn)
        {
            Emptied?.Invoke();
        }

        var room = _room;
        _room = null;
        room?.TrySetResult();
        if (!_isTurn)
        {
            Emptied?.Invoke();
        }
    }
}
