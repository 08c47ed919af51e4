using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Edge.Connections;

/// <summary>The reading half of a socket: a read is tried at once, but only when there is news, and else waits for it.</summary>
internal sealed class LoopReceiver(SafeHandle descriptor, EventLoop loop)
{
    // So many reads may follow each other before other sockets have their turn.
    private const int MostReads = 64;
    private const int LongRead = 16 * 1024;

    private readonly Readiness _readable = new(ready: false);
    private volatile bool _ends;
    private volatile bool _isClosed;
    private int _reads;

    /// <summary>Whether a read may find something, or the end.</summary>
    public bool HasNews => _readable.IsReady;

    /// <summary>There is something, or the end.</summary>
    public void Ready(bool ends)
    {
        _reads = 0;
        _ends |= ends;
        _readable.Signal();
    }

    /// <summary>
    /// The descriptor is closed on this side. Where another thread is in a system call with it, it is not so before that returns: reads find
    /// nothing until then, and of a closed descriptor no other news come.
    /// </summary>
    public void Close()
    {
        _isClosed = true;
        Ready(ends: true);
    }

    /// <summary>Reads what is there without waiting; -1 when there is nothing.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public int TryReceive(Span<byte> into) => _readable.IsReady && ++_reads < MostReads ? Receive(into) : -1;

    /// <summary>Whether there is nothing to read, not even the end. What is there may be lost by asking.</summary>
    public bool IsQuiet
    {
        get
        {
            if (_ends || !_readable.IsReady)
            {
                return !_ends;
            }

            try
            {
                // News may be of what was read since.
                Span<byte> one = stackalloc byte[1];
                return Receive(one) < 0;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken cancel)
    {
        if (!_readable.IsReady || ++_reads >= MostReads)
        {
            return WaitAndReceiveAsync(into, cancel);
        }

        try
        {
            var count = Receive(into.Span);
            return count >= 0 ? new ValueTask<int>(count) : WaitAndReceiveAsync(into, cancel);
        }
        catch (IOException broken)
        {
            return ValueTask.FromException<int>(broken);
        }
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<int> WaitAndReceiveAsync(Memory<byte> into, CancellationToken cancel)
    {
        using var registration = cancel.UnsafeRegister(static readiness => ((Readiness)readiness!).Signal(), _readable);
        if (_reads >= MostReads)
        {
            _reads = 0;
            _readable.Take();
            loop.Post(static readiness => ((Readiness)readiness!).Signal(), _readable);
        }

        while (true)
        {
            await _readable.WaitAsync().ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            if (Receive(into.Span) is var count and >= 0)
            {
                return count;
            }
        }
    }

    // Bytes; -1 when there is nothing yet.
    private int Receive(Span<byte> into)
    {
        if (into.IsEmpty)
        {
            return 0;
        }

        while (true)
        {
            _readable.Take();
            int count;
            try
            {
                ObjectDisposedException.ThrowIf(_isClosed, descriptor);
                count = LinuxSockets.Receive(descriptor, into);
            }
            catch (ObjectDisposedException closed)
            {
                _readable.Keep();
                throw new IOException("The connection was closed on this side.", closed);
            }

            // Long ones keep the others of the turn waiting for longer.
            _reads += Math.Max(0, count) / LongRead;
            var error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (error == LinuxSockets.WouldBlock)
            {
                return -1;
            }

            // Less than there was room for was all there is (epoll(7)), but for the end, of which we are told once.
            if (count <= 0 || count == into.Length || _ends)
            {
                _readable.Keep();
            }

            if (error != LinuxSockets.Interrupted)
            {
                return count >= 0 ? count : throw LoopSocket.Broken(error);
            }
        }
    }
}
