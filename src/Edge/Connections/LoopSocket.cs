using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Edge.Connections;

/// <summary>A socket on an event loop: one reader and one writer at a time, neither of which ever blocks a thread.</summary>
internal sealed class LoopSocket : ILoopHandler, IDisposable
{
    private const uint Events = LinuxSockets.In | LinuxSockets.Out | LinuxSockets.PeerEnded | LinuxSockets.EdgeTriggered;
    private const uint Over = LinuxSockets.PeerEnded | LinuxSockets.HungUp | LinuxSockets.Error;

    // Who takes nothing for so long gets no more.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // Who says nothing for so long, or something for so long, is waited for no more.
    private static readonly TimeSpan LingerSilence = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestLinger = TimeSpan.FromSeconds(30);

    private readonly IDisposable _owner;
    private readonly EventLoop _loop;
    private readonly LoopReceiver _receiver;
    private readonly LoopSender _sender;
    private readonly ulong _token;
    private Action<object?>? _ended;
    private object? _endedState;
    private Action<object?>? _broke;
    private object? _brokeState;
    private volatile bool _hasEnded;
    private volatile bool _isBroken;

    /// <param name="descriptor">The socket's descriptor, not blocking.</param>
    /// <param name="owner">What closes the descriptor; it is disposed with this.</param>
    /// <param name="loop">The loop that waits for it.</param>
    /// <param name="connected">Whether it is connected already.</param>
    public LoopSocket(SafeHandle descriptor, IDisposable owner, EventLoop loop, bool connected)
    {
        (Descriptor, _owner, _loop) = (descriptor, owner, loop);
        _receiver = new LoopReceiver(descriptor, loop);
        _sender = new LoopSender(descriptor, connected);
        _token = loop.Add(descriptor, this, Events);
    }

    public SafeHandle Descriptor { get; }

    /// <summary>
    /// The peer may still be sending when all is said here. A socket that is closed then resets the connection, and the peer may throw
    /// away what it has not read yet (RFC 9112 section 9.6): what comes is taken for a while, and goes nowhere.
    /// </summary>
    public bool Lingers { get; set; }

    /// <summary>Reads what is there without waiting: 0 at the end, -1 when there is nothing.</summary>
    public int TryReceive(Span<byte> into) => _receiver.TryReceive(into);

    /// <summary>Whether a read may find something, or the end.</summary>
    public bool HasNews => _receiver.HasNews;

    /// <summary>Whether the peer has said nothing that was not read, and has not ended. For the one reader.</summary>
    public bool IsQuiet => !_hasEnded && _receiver.IsQuiet;

    /// <summary>Whether neither side can say anything more: it was reset, or is closed here.</summary>
    public bool IsBroken => _isBroken || Descriptor.IsClosed;

    /// <summary>What others do for this socket on its loop.</summary>
    public EventLoop Loop => _loop;

    /// <summary>Calls <paramref name="ended"/> once, on the loop's thread, when the peer sends no more.</summary>
    public void WhenEnded(Action<object?> ended, object? state)
    {
        _endedState = state;
        Interlocked.Exchange(ref _ended, ended);
        if (_hasEnded)
        {
            TellEnded();
        }
    }

    /// <summary>Calls <paramref name="broke"/> once, on some thread, when <see cref="IsBroken"/>; a peer that sends no more may be waiting for an answer before.</summary>
    public void WhenBroken(Action<object?> broke, object? state)
    {
        _brokeState = state;
        Interlocked.Exchange(ref _broke, broke);
        if (IsBroken)
        {
            TellBroken();
        }
    }

    public void OnEvents(uint events)
    {
        var ends = (events & Over) != 0;
        if (ends || (events & LinuxSockets.In) != 0)
        {
            _receiver.Ready(ends);
        }

        if ((events & (LinuxSockets.Out | LinuxSockets.HungUp | LinuxSockets.Error)) != 0)
        {
            _sender.Ready();
        }

        if (ends)
        {
            _isBroken |= (events & (LinuxSockets.HungUp | LinuxSockets.Error)) != 0;
            _hasEnded = true;
            TellEnded();
            if (_isBroken)
            {
                TellBroken();
            }
        }
    }

    /// <summary>Ends when the connection has come about, or failed: the socket's own error tells which.</summary>
    public ValueTask ConnectedAsync(CancellationToken cancel) => _sender.ConnectedAsync(cancel);

    /// <summary>Reads what is there; 0 at the end. With an empty buffer it waits until there is something.</summary>
    public ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken cancel) => _receiver.ReceiveAsync(into, cancel);

    /// <summary>Sends everything; what is small leaves when the turn of the loop ends.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> from, CancellationToken cancel) => _sender.SendAsync(from, cancel);

    /// <summary>The same with much that lies in two places.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second, CancellationToken cancel) => _sender.SendAsync(first, second, cancel);

    /// <summary>Ends the connection in good order: what was sent still arrives, unless the peer takes it no more.</summary>
    public async ValueTask CloseAsync()
    {
        if (EventLoop.Current == _loop)
        {
            // Nothing follows that it could leave with.
            _sender.SendHeld();
        }

        if (_sender.HoldsBytes)
        {
            try
            {
                await _sender.AllSentAsync().AsTask().WaitAsync(Patience).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                Reset();
                return;
            }
        }

        if (Descriptor.IsClosed)
        {
            return;
        }

        if (Lingers && !_hasEnded)
        {
            await LingerAsync().ConfigureAwait(false);
        }

        try
        {
            LinuxSockets.Shutdown(Descriptor);
        }
        catch (ObjectDisposedException)
        {
            // Reset at this moment by somebody else.
        }

        CloseDescriptor();
    }

    // Many may be waited for at once, as all that rest when the process ends: who says nothing takes no room.
    private async ValueTask LingerAsync()
    {
        using var patience = new CancellationTokenSource();
        try
        {
            LinuxSockets.EndSending(Descriptor);
            var begin = Stopwatch.GetTimestamp();
            do
            {
                var left = LongestLinger - Stopwatch.GetElapsedTime(begin);
                patience.CancelAfter(left < TimeSpan.Zero ? TimeSpan.Zero : left < LingerSilence ? left : LingerSilence);
                await ReceiveAsync(Memory<byte>.Empty, patience.Token).ConfigureAwait(false);
            }
            while (!TakesEnd() && !patience.IsCancellationRequested);
        }
        catch (Exception over) when (over is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It is gone, or was waited for long enough.
        }
    }

    // Takes what has come. Whether the end is among it.
    private bool TakesEnd()
    {
        Span<byte> nowhere = stackalloc byte[4096];
        int count;
        do
        {
            count = TryReceive(nowhere);
        }
        while (count > 0);
        return count == 0;
    }

    /// <summary>Ends the connection with a reset, so that the peer does not take what it has for the whole.</summary>
    public void Reset()
    {
        if (Descriptor.IsClosed)
        {
            return;
        }

        try
        {
            LinuxSockets.ResetOnClose(Descriptor);
        }
        catch (ObjectDisposedException)
        {
            // Closed by whom it belongs to at this moment.
        }

        CloseDescriptor();
    }

    /// <summary>Closes it, after what is held back for the end of the turn. Whoever waits is told.</summary>
    public void Dispose()
    {
        if (!_sender.HoldsBytes)
        {
            CloseDescriptor();
        }
        else if (EventLoop.Current == _loop && !SendsElsewhere())
        {
            CloseDescriptor();
        }
        else
        {
            _loop.Post(static socket => ((LoopSocket)socket!).Dispose(), this);
        }
    }

    /// <summary>What a failed system call is to those who use streams.</summary>
    public static IOException Broken(int error)
    {
        const int reset = 104;
        const int brokenPipe = 32;
        var inner = new SocketException((int)(error is reset or brokenPipe ? SocketError.ConnectionReset : SocketError.SocketError));
        return new IOException(Marshal.GetPInvokeErrorMessage(error), inner);
    }

    // A thread of the pool that has taken the bytes must be let to send them: it takes no longer than a system call.
    private bool SendsElsewhere()
    {
        _sender.SendHeld();
        return _sender.IsSending;
    }

    private void CloseDescriptor()
    {
        if (Descriptor.IsClosed)
        {
            return;
        }

        _owner.Dispose();
        _loop.Forget(_token);
        _receiver.Close();
        _sender.Close();
        TellBroken();
    }

    private void TellEnded() => Interlocked.Exchange(ref _ended, null)?.Invoke(_endedState);

    private void TellBroken() => Interlocked.Exchange(ref _broke, null)?.Invoke(_brokeState);
}
