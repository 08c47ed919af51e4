using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Edge.Connections;

/// <summary>A client's connection: its bytes are read and written on the thread that serves its requests.</summary>
internal sealed class LoopConnection : DefaultConnectionContext
{
    private readonly LoopSocket _socket;
    private readonly CancellationTokenSource _closed = new();
    private IDuplexPipe? _transport;
    private EndPoint? _local;
    private int _disposed;

    public LoopConnection(string id, LoopSocket socket, IPEndPoint? remote)
        : base(id)
    {
        _socket = socket;
        Stream = new LoopStream(socket);
        RemoteEndPoint = remote;
        ConnectionClosed = _closed.Token;
    }

    /// <summary>The bytes without a pipe around them, for whoever comes before anybody has used <see cref="Transport"/>.</summary>
    public LoopStream Stream { get; }

    /// <summary>Says that the client may still be sending when the connection ends, and has not read all of its answers.</summary>
    public void Linger() => _socket.Lingers = true;

    /// <summary>The loop that carries it.</summary>
    public EventLoop Loop => _socket.Loop;

    /// <summary>
    /// Cancelled when neither side can say anything more: it was reset, or is closed here. <see cref="ConnectionContext.ConnectionClosed"/> is
    /// cancelled when the client has said all, and may be waiting for an answer. For one asker.
    /// </summary>
    public CancellationToken Broken
    {
        get
        {
            var broken = new CancellationTokenSource();
            _socket.WhenBroken(static state => ((CancellationTokenSource)state!).Cancel(), broken);
            return broken.Token;
        }
    }

    /// <summary>What the web server has of it; null while it knows nothing of it.</summary>
    public OfferedConnection? Offered { get; set; }

    /// <summary>Whether bytes may have been read through <see cref="Transport"/> already.</summary>
    public bool IsTransportUsed => _transport is not null;

    public override IDuplexPipe Transport
    {
        get => _transport ??= new StreamTransport(Stream, this);
        set => _transport = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _local ??= SocketAddresses.Local(_socket.Descriptor);
        set => _local = value;
    }

    /// <summary>The first byte that comes, which stays where it is; -1 when none does. Before anybody has used <see cref="Transport"/>.</summary>
    public async ValueTask<int> PeekAsync(CancellationToken cancel)
    {
        await _socket.ReceiveAsync(Memory<byte>.Empty, cancel).ConfigureAwait(false);
        return LinuxSockets.Peek(_socket.Descriptor);
    }

    /// <summary>From now on the end of the peer is told, whether anybody reads or not.</summary>
    public void Begin() => _socket.WhenEnded(static connection => ((LoopConnection)connection!).TellClosed(), this);

    public override void Abort(ConnectionAbortedException abortReason)
    {
        _socket.Reset();
        TellClosed();
    }

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        if (_transport is StreamTransport transport)
        {
            await transport.CompleteAsync().ConfigureAwait(false);
        }

        await _socket.CloseAsync().ConfigureAwait(false);
        TellClosed();
    }

    private void TellClosed()
    {
        try
        {
            _closed.Cancel();
        }
        catch (AggregateException)
        {
            // What others do at the end of a connection is theirs to report.
        }
    }
}
