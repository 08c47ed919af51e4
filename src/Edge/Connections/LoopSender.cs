using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Edge.Connections;

/// <summary>
/// The writing half of a socket. What is small is held back until the turn of the writer's loop ends, and counts as sent:
/// should it fail, whoever reads is told, and the next write. Everything else is handed to the kernel at once, and the
/// writer waits for what it does not take.
/// </summary>
internal sealed class LoopSender(SafeHandle descriptor, bool connected)
{
    private readonly Readiness _writable = new(connected);
    private readonly Readiness _released = new(ready: false);
    private readonly HeldBytes _held = new();
    private volatile bool _waits;
    private volatile bool _isClosed;

    public bool HoldsBytes => _held.Any;

    /// <summary>Some thread is about to hand what was held back to the kernel, which it does without waiting.</summary>
    public bool IsSending => HoldsBytes && !_waits;

    /// <summary>There is room, or an error.</summary>
    public void Ready() => _writable.Signal();

    /// <summary>The descriptor is closed on this side, see <see cref="LoopReceiver.Close"/>.</summary>
    public void Close()
    {
        _isClosed = true;
        Ready();
    }

    public async ValueTask ConnectedAsync(CancellationToken cancel)
    {
        using var registration = cancel.UnsafeRegister(static readiness => ((Readiness)readiness!).Signal(), _writable);
        await _writable.WaitAsync().ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> from, CancellationToken cancel)
    {
        if (TryHold(from.Span))
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

    /// <summary>The same with much that lies in two places: one system call for both.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second, CancellationToken cancel)
    {
        SendHeld();
        if (HoldsBytes || !_writable.IsReady || first.Length + second.Length <= HeldBytes.Most)
        {
            return SendBothAsync(first, second, cancel);
        }

        try
        {
            var sent = Send(first.Span, second.Span);
            return sent == first.Length + second.Length ? ValueTask.CompletedTask
                : sent < first.Length ? SendBothAsync(first[sent..], second, cancel)
                : WaitAndSendAsync(second[(sent - first.Length)..], cancel);
        }
        catch (IOException broken)
        {
            return ValueTask.FromException(broken);
        }
    }

    /// <summary>Sends what is held back, unless somebody else does. From any thread.</summary>
    public void SendHeld()
    {
        if (!_held.TryTake())
        {
            return;
        }

        try
        {
            if (_writable.IsReady)
            {
                _held.Sent(Send(_held.Rest));
            }

            if (!_held.Rest.IsEmpty)
            {
                _waits = true;
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

    // False: it must go the other way, behind what is held back.
    private bool TryHold(ReadOnlySpan<byte> from)
    {
        var loop = EventLoop.Current;
        if (_held.Any)
        {
            if (_held.TryAdd(from, loop))
            {
                return true;
            }

            SendHeld();
        }

        if (from.Length > HeldBytes.Most || _held.Any || descriptor.IsClosed || (loop is null && !PoolTurn.GoesOn))
        {
            return false;
        }

        _held.Begin(from, loop);
        if (loop is not null)
        {
            loop.SendAtTurnEnd(this);
        }
        else
        {
            PoolTurn.Shared.SendAtEnd(this);
        }

        return true;
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask SendBothAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second, CancellationToken cancel)
    {
        await SendAsync(first, cancel).ConfigureAwait(false);
        await SendAsync(second, cancel).ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
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
        try
        {
            while (!_held.Rest.IsEmpty)
            {
                await _writable.WaitAsync().ConfigureAwait(false);
                _held.Sent(Send(_held.Rest));
            }
        }
        catch (IOException)
        {
            // As above.
        }

        Release();
    }

    private void Release()
    {
        _waits = false;
        _held.Clear();
        _released.Signal();
    }

    // Bytes that the kernel took; 0 when it has no room.
    private int Send(ReadOnlySpan<byte> from, ReadOnlySpan<byte> behind = default)
    {
        while (true)
        {
            _writable.Take();
            int sent;
            try
            {
                ObjectDisposedException.ThrowIf(_isClosed, descriptor);
                sent = behind.IsEmpty ? LinuxSockets.Send(descriptor, from) : LinuxSockets.Send(descriptor, from, behind);
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
