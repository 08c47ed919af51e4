using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Edge.Dns.Nameserver;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Listeners;

/// <summary>
/// DNS over TCP on one address (RFC 7766), under TLS where there is a handshake for it (RFC 7858). On Linux a few threads
/// serve all connections whose answers are at hand; a connection with a query that takes longer, and elsewhere every
/// one, is served by a task. Idle connections are closed, and when there are too many, the one that rests longest.
/// </summary>
public sealed partial class TcpListener : IAsyncDisposable, IStreamHost
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly TlsHandshake? _tls;
    private readonly QueryProcessor _processor;
    private readonly ListenerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<ClientAddress, int> _perClient = [];
    private readonly HashSet<TcpConnection> _connections = [];
    private readonly StreamLoop[] _loops = [];
    private readonly List<Thread> _threads = [];
    private ITimer? _sweep;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Binds the address; connections are accepted after <see cref="Start"/>.</summary>
    /// <exception cref="ListenException">The address cannot be bound.</exception>
    public TcpListener(IPEndPoint address, QueryProcessor processor, ListenerOptions options, TimeProvider time, ILogger logger)
        : this(address, null, processor, options, time, logger)
    {
    }

    internal TcpListener(IPEndPoint address, TlsHandshake? tls, QueryProcessor processor, ListenerOptions options, TimeProvider time, ILogger logger)
    {
        (_tls, _processor, _options, _time, _logger) = (tls, processor, options, time, logger);
        _socket = SocketBinding.BindTcp(address, options);
        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        // The layout of the system's structures is that of 64 bits.
        if (options.StreamThreads > 0 && OperatingSystem.IsLinux() && Environment.Is64BitProcess)
        {
            _socket.Blocking = false;
            _socket.NoDelay = true;
            var most = Math.Max(1, MaxConnections / options.StreamThreads);
            _loops = [.. Enumerable.Range(0, options.StreamThreads).Select(_ => new StreamLoop(this, (int)_socket.Handle, processor, tls, options, most, time))];
        }
    }

    /// <summary>The address bound, with the port the system chose if 0 was asked for.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Connections open now.</summary>
    public int ConnectionCount
    {
        get
        {
            lock (_gate)
            {
                return _connections.Count + _loops.Sum(loop => loop.Count);
            }
        }
    }

    private int MaxConnections => _tls is null ? _options.MaxConnections : _options.MaxTlsConnections;

    /// <summary>Begins to accept.</summary>
    public void Start()
    {
        _sweep = _time.CreateTimer(_ => CloseIdle(), null, SweepInterval, SweepInterval);
        if (_loops.Length == 0)
        {
            _accepting = Task.Run(AcceptAsync);
        }

        foreach (var loop in _loops)
        {
            var thread = new Thread(loop.Run) { IsBackground = true, Name = $"dns tcp {EndPoint}" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <summary>Stops accepting and closes every connection.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_sweep is not null)
        {
            await _sweep.DisposeAsync().ConfigureAwait(false);
        }

        await Task.Run(EndLoops).ConfigureAwait(false);
        _socket.Dispose();
        await _accepting.ConfigureAwait(false);
        foreach (var connection in Snapshot())
        {
            connection.Close();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await StopAsync().ConfigureAwait(false);
        }
    }

    bool IStreamHost.TryAdmit(ClientAddress client)
    {
        lock (_gate)
        {
            var open = _perClient.GetValueOrDefault(client);
            if (open < _options.MaxConnectionsPerClient)
            {
                _perClient[client] = open + 1;
                return true;
            }
        }

        Log.Refused(_logger, EndPoint, client);
        return false;
    }

    void IStreamHost.Release(ClientAddress client)
    {
        lock (_gate)
        {
            if (--_perClient[client] == 0)
            {
                _perClient.Remove(client);
            }
        }
    }

    void IStreamHost.TakeOver(int handle, QueryContext context, TlsSession? tls, byte[] received)
    {
        var socket = new Socket(new SafeSocketHandle(handle, ownsHandle: true));
        if (StreamOf(socket) is not { } network)
        {
            // The client has gone since it asked: nobody waits for the answer, and its place is free again.
            socket.Dispose();
            tls?.Stream.Dispose();
            ((IStreamHost)this).Release(context.Client);
            return;
        }

        tls?.Attach(network);
        var connection = new TcpConnection(socket, tls?.Stream ?? (Stream)network, context, null, _processor, _options, _time, _logger, _stop.Token);
        _ = Task.Run(() => ServeAsync(connection, received));
    }

    private static NetworkStream? StreamOf(Socket socket)
    {
        try
        {
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (IOException)
        {
            return null;
        }
    }

    void IStreamHost.Report(Exception error) => Log.LoopFailed(_logger, error, EndPoint);

    private void EndLoops()
    {
        foreach (var loop in _loops)
        {
            loop.Stop();
        }

        _threads.ForEach(thread => thread.Join());
        foreach (var loop in _loops)
        {
            loop.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _socket.AcceptAsync(_stop.Token).ConfigureAwait(false);
                if (TryAdmit(socket) is { } connection)
                {
                    _ = ServeAsync(connection, default);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (Exception e)
            {
                // Out of descriptors, for example: it passes when connections end.
                Log.AcceptFailed(_logger, e, EndPoint);
                await Task.Delay(SweepInterval, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private TcpConnection? TryAdmit(Socket socket)
    {
        var client = socket.RemoteEndPoint is IPEndPoint remote ? ClientAddress.From(remote.Address) : default;
        if (socket.LocalEndPoint is not IPEndPoint local || !((IStreamHost)this).TryAdmit(client))
        {
            socket.Dispose();
            return null;
        }

        socket.NoDelay = true;
        var network = new NetworkStream(socket, ownsSocket: true);
        var context = new QueryContext(client, _tls is null ? Transport.Tcp : Transport.Tls, ClientAddress.From(local.Address));
        return new TcpConnection(socket, _tls is null ? network : new SslStream(network), context, _tls, _processor, _options, _time, _logger, _stop.Token);
    }

    private async Task ServeAsync(TcpConnection connection, ReadOnlyMemory<byte> received)
    {
        TcpConnection? longest = null;
        lock (_gate)
        {
            if (_connections.Count >= MaxConnections)
            {
                // Forgotten at once: its end takes a moment, and the next one too many must find another.
                longest = _connections.MaxBy(other => other.Idle);
                _connections.Remove(longest!);
            }

            _connections.Add(connection);
        }

        longest?.Close();
        await connection.RunAsync(received).ConfigureAwait(false);
        lock (_gate)
        {
            _connections.Remove(connection);
        }

        ((IStreamHost)this).Release(connection.Client);
    }

    private void CloseIdle()
    {
        foreach (var loop in _loops)
        {
            loop.WakeToSweep();
        }

        foreach (var connection in Snapshot())
        {
            connection.CloseIfIdle();
        }
    }

    private TcpConnection[] Snapshot()
    {
        lock (_gate)
        {
            return [.. _connections];
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1010, LogLevel.Warning, "TCP {EndPoint}: a connection could not be accepted")]
        public static partial void AcceptFailed(ILogger logger, Exception error, IPEndPoint endPoint);

        [LoggerMessage(1011, LogLevel.Debug, "TCP {EndPoint}: too many connections; one of {Client} was closed")]
        public static partial void Refused(ILogger logger, IPEndPoint endPoint, ClientAddress client);

        [LoggerMessage(1014, LogLevel.Error, "TCP {EndPoint}: a connection failed; the others go on")]
        public static partial void LoopFailed(ILogger logger, Exception error, IPEndPoint endPoint);
    }
}
