using System.IO.Pipelines;
using Edge.Connections;

namespace Edge.Gateway.Straight;

/// <summary>
/// A connection to a destination: with one request at a time, or at rest. Times are timestamps of the provider that
/// <see cref="StraightWatch"/> goes by.
/// </summary>
internal sealed class StraightConnection(LoopSocket socket, StraightConnections home, long opened) : IDisposable
{
    /// <summary>The most that the head of a request or of an answer may have, in bytes; longer ones go another way.</summary>
    public const int BufferSize = 16 * 1024;

    private const int Working = 0;
    private const int Resting = 1;
    private const int Over = 2;

    private CancellationTokenRegistration _client;
    private byte[]? _buffer;
    private int _state = Working;
    private int _broken;
    private long _touched = opened;

    /// <summary>Where it belongs.</summary>
    public StraightConnections Home => home;

    /// <summary>The loop that carries it.</summary>
    public EventLoop Loop => socket.Loop;

    /// <summary>What the last answers' headers were.</summary>
    public HeaderMemory Headers { get; } = new();

    /// <summary>Whether it has carried a request before.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>How long its request may do nothing, in ticks of the timestamp.</summary>
    public long Patience { get; private set; } = long.MaxValue;

    /// <summary>When bytes moved last.</summary>
    public long Touched => Volatile.Read(ref _touched);

    public long Opened { get; } = opened;

    public bool IsWorking => Volatile.Read(ref _state) == Working;

    public bool IsOver => Volatile.Read(ref _state) == Over;

    /// <summary>Why it was broken off on this side; null when it was not.</summary>
    public BreakReason? Broken => Volatile.Read(ref _broken) is > 0 and var reason ? (BreakReason)reason : null;

    /// <summary>Room for heads and for what comes with them, while it carries a request.</summary>
    public byte[] Buffer => _buffer!;

    /// <summary>What of <see cref="Buffer"/> was received and is not used yet.</summary>
    public (int Start, int End) Received { get; set; }

    /// <summary>Begins a request, whose client may leave.</summary>
    public void Begin(byte[] buffer, long now, long patience, CancellationToken client)
    {
        (Patience, _buffer, Received) = (patience, buffer, (0, 0));
        Touch(now);
        _client = client.UnsafeRegister(static connection => ((StraightConnection)connection!).Break(BreakReason.ClientLeft), this);
    }

    /// <summary>Whether there may be something, or the end.</summary>
    public bool HasNews => socket.HasNews;

    /// <summary>Ends when there may be something, or the end: who waits holds no room for it. Says nothing.</summary>
    public ValueTask<int> WaitAsync() => socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);

    /// <summary>What is there: 0 at the end, -1 when there is nothing.</summary>
    public int TryReceive(Span<byte> into) => socket.TryReceive(into);

    /// <summary>Where the body of the answer goes, while it goes: who breaks off need not wait for a client that reads no more.</summary>
    public PipeWriter? Client { get; set; }

    /// <summary>The same for a client that is a stream among others; from any thread.</summary>
    public Action? Broke { get; set; }

    /// <summary>Silence is no fault in what comes now.</summary>
    public void WaitForever() => Patience = long.MaxValue;

    public void Touch(long now) => Volatile.Write(ref _touched, now);

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => socket.SendAsync(bytes, CancellationToken.None);

    /// <summary>0 at the end.</summary>
    public ValueTask<int> ReceiveAsync(Memory<byte> into) => socket.ReceiveAsync(into, CancellationToken.None);

    /// <summary>Ends when what was written in this turn of the loop has left.</summary>
    public Task NextTurnAsync()
    {
        // What is posted while posted things run is run in the next turn.
        var next = new TaskCompletionSource();
        Loop.Post(_ => Loop.Post(_ => next.SetResult(), null), null);
        return next.Task;
    }

    /// <summary>Ends the request that it carries, from any thread: whoever reads or writes is told.</summary>
    public void Break(BreakReason reason)
    {
        if (!IsOver && Interlocked.CompareExchange(ref _broken, (int)reason, 0) == 0)
        {
            socket.Reset();
            Client?.CancelPendingFlush();
            Broke?.Invoke();
        }
    }

    /// <summary>Ends a request. The connection rests if it can carry another one, or else is closed.</summary>
    public void End(bool reusable, long now)
    {
        _client.Dispose();
        _client = default;
        Client = null;
        Broke = null;
        _buffer = null;
        if (!reusable || Broken is not null || !socket.IsQuiet || home.IsOld(this, now))
        {
            Dispose();
            return;
        }

        IsUsed = true;
        Touch(now);
        Volatile.Write(ref _state, Resting);
        home.Rest(this);
    }

    /// <summary>Takes it out of its rest. False when it is gone, or the destination has closed it or said something meanwhile.</summary>
    public bool TryWake(long now)
    {
        // Before: at work, it would seem to have been silent since its last request.
        Touch(now);
        if (Interlocked.CompareExchange(ref _state, Working, Resting) != Resting)
        {
            return false;
        }

        if (socket.IsQuiet)
        {
            return true;
        }

        Dispose();
        return false;
    }

    /// <summary>Closes it if it still rests.</summary>
    public void CloseResting()
    {
        if (Interlocked.CompareExchange(ref _state, Over, Resting) == Resting)
        {
            Close();
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _state, Over) != Over)
        {
            Close();
        }
    }

    private void Close()
    {
        socket.Dispose();
        home.Forget(this);
    }
}
