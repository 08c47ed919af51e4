using System.Net;
using System.Net.Sockets;
using Edge.Dns.Nameserver;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Listeners;

/// <summary>
/// DNS over TCP on one address (RFC 7766), under TLS where there is a handshake for it (RFC 7858): accepts connections
/// within its limits and closes idle ones.
/// </summary>
public sealed partial class TcpListener : IAsyncDisposable
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
        _tls = tls;
        _processor = processor;
        _options = options;
        _time = time;
        _logger = logger;
        _socket = SocketBinding.BindTcp(address);
        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
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
                return _connections.Count;
            }
        }
    }

    /// <summary>Begins to accept.</summary>
    public void Start()
    {
        _sweep = _time.CreateTimer(_ => CloseIdle(), null, SweepInterval, SweepInterval);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Stops accepting and closes every connection.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _sweep?.Dispose();
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

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _socket.AcceptAsync(_stop.Token).ConfigureAwait(false);
                if (TryAdmit(socket) is { } connection)
                {
                    _ = ServeAsync(connection);
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
        if (socket.RemoteEndPoint is not IPEndPoint remote || socket.LocalEndPoint is not IPEndPoint local)
        {
            socket.Dispose();
            return null;
        }

        var client = ClientAddress.From(remote.Address);
        lock (_gate)
        {
            var open = _perClient.GetValueOrDefault(client);
            if (_connections.Count < _options.MaxConnections && open < _options.MaxConnectionsPerClient)
            {
                socket.NoDelay = true;
                var connection = new TcpConnection(
                    socket, new QueryContext(client, _tls is null ? Transport.Tcp : Transport.Tls, ClientAddress.From(local.Address)), _tls, _processor, _options, _time, _logger, _stop.Token);
                _perClient[client] = open + 1;
                _connections.Add(connection);
                return connection;
            }
        }

        Log.Refused(_logger, EndPoint, client);
        socket.Dispose();
        return null;
    }

    private async Task ServeAsync(TcpConnection connection)
    {
        await connection.RunAsync().ConfigureAwait(false);
        lock (_gate)
        {
            _connections.Remove(connection);
            if (--_perClient[connection.Client] == 0)
            {
                _perClient.Remove(connection.Client);
            }
        }
    }

    private void CloseIdle()
    {
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
    }
}
