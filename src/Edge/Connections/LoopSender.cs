using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Edge.Connections;

/// <summary>
/// The writing half of a socket. What is small is held back until the turn of the loop ends, and counts as sent: should
/// it fail, whoever reads is told, and the next write. Everything else is handed to the kernel at once, and the writer
/// waits for what it does not take.
/// </summary>
internal sealed class LoopSender(SafeHandle descriptor, EventLoop loop, bool connected)
{
    private const int Holdable = 8 * 1024;

    private readonly Readiness _writable = new(connected);
    private readonly Readiness _released = new(ready: false);

    // Bytes held back: only the loop's thread touches them, and while the kernel has no room, SendRestAsync.
    private byte[]? _held;
    private int _start;
    private int _end;
    private bool _isStuck;

    public bool HoldsBytes => Volatile.Read(ref _held) is not null;

    /// <summary>There is room, or an error.</summary>
    public void Ready() => _writable.Signal();

    public async ValueTask ConnectedAsync(CancellationToken cancel)
    {
        using var registration = cancel.UnsafeRegister(static readiness => ((Readiness)readiness!).Signal(), _writable);
        await _writable.WaitAsync().ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> from, CancellationToken cancel)
    {
        if (EventLoop.Current == loop && TryHold(from.Span))
        {
            return ValueTask.CompletedTask;
        }

        if (HoldsBytes || !_writable.IsReady)
        {
            return WaitAndSendAsync(from, cancel);
        }

        try
        {
            var sent = Send(from.Span);
            return sent == from.Length ? ValueTask.CompletedTask : WaitAndSendAsync(from[sent..], cancel);
        }
        catch (IOException broken)
        {
            return ValueTask.FromException(broken);
        }
    }

    /// <summary>Sends what is held back. On the loop's thread.</summary>
    public void SendHeld()
    {
        if (_isStuck || !HoldsBytes)
        {
            return;
        }

        try
        {
            _start += _writable.IsReady ? Send(_held.AsSpan(_start, _end - _start)) : 0;
            if (_start < _end)
            {
                _ = SendRestAsync();
                return;
            }
        }
        catch (IOException)
        {
            // The connection is over, as its reader and whoever writes next are told.
        }

        Release();
    }

    /// <summary>Ends when nothing is held back any more.</summary>
    public async ValueTask AllSentAsync()
    {
        while (HoldsBytes)
        {
            _released.Take();
            if (HoldsBytes)
            {
                await _released.WaitAsync().ConfigureAwait(false);
            }
        }
    }

    // Only on the loop's thread. False: it must go the other way, behind what is held back.
    private bool TryHold(ReadOnlySpan<byte> from)
    {
        if (_held is null && from.Length <= Holdable && !descriptor.IsClosed)
        {
            (_start, _end) = (0, 0);
            Volatile.Write(ref _held, ArrayPool<byte>.Shared.Rent(Holdable));
            loop.SendAtTurnEnd(this);
        }
        else if (_held is not null && !_isStuck && from.Length > _held.Length - _end)
        {
            SendHeld();
        }

        if (_held is null || _isStuck || from.Length > _held.Length - _end)
        {
            return false;
        }

        from.CopyTo(_held.AsSpan(_end));
        _end += from.Length;
        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitAndSendAsync(ReadOnlyMemory<byte> from, CancellationToken cancel)
    {
        await AllSentAsync().ConfigureAwait(false);
        using var registration = cancel.UnsafeRegister(static readiness => ((Readiness)readiness!).Signal(), _writable);
        while (!from.IsEmpty)
        {
            await _writable.WaitAsync().ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            from = from[Send(from.Span)..];
        }
    }

    // The peer takes nothing for now; whoever writes next waits for this.
    private async Task SendRestAsync()
    {
        _isStuck = true;
        try
        {
            while (_start < _end)
            {
                await _writable.WaitAsync().ConfigureAwait(false);
                _start += Send(_held.AsSpan(_start, _end - _start));
            }
        }
        catch (IOException)
        {
            // As above.
        }

        _isStuck = false;
        Release();
    }

    private void Release()
    {
        var held = _held!;
        Volatile.Write(ref _held, null);
        ArrayPool<byte>.Shared.Return(held);
        _released.Signal();
    }

    // Bytes that the kernel took; 0 when it has no room.
    private int Send(ReadOnlySpan<byte> from)
    {
        while (true)
        {
            _writable.Take();
            int sent;
            try
            {
                sent = LinuxSockets.Send(descriptor, from);
            }
            catch (ObjectDisposedException closed)
            {
                _writable.Keep();
                throw new IOException("The connection was closed on this side.", closed);
            }

            var error = sent < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (error == LinuxSockets.WouldBlock)
            {
                return 0;
            }

            // After a short write the kernel tells of new room only when asked in vain: the next write asks.
            _writable.Keep();
            if (error != LinuxSockets.Interrupted)
            {
                return sent >= 0 ? sent : throw LoopSocket.Broken(error);
            }
        }
    }
}
