using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Edge.Streams;

/// <summary>One UDP port of a service: gives each client a session, and forgets those in which nothing moves.</summary>
internal sealed partial class UdpStreamListener : IStreamListener
{
    /// <summary>How many clients at once; datagrams of further ones are dropped. Their addresses cost nothing to invent.</summary>
    public const int MostSessions = 4096;

    // A client whom the destination has not answered yet may be nobody: it makes room soon.
    private static readonly TimeSpan UnansweredIdle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UsualIdle = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<IPEndPoint, UdpSession> _sessions = new();
    private readonly Socket _socket;
    private readonly StreamClients _clients;
    private readonly UdpOpenings _openings;
    private readonly OwnConnections _own;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();
    private readonly ITimer _sweeper;
    private volatile StreamRoute _route;
    private long _dropped;
    private long _circles;

    /// <param name="at">Where to listen.</param>
    /// <param name="route">The service.</param>
    /// <param name="clients">Knows who may use it.</param>
    /// <param name="own">The near ends of all sessions to destinations.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told what goes wrong.</param>
    /// <exception cref="SocketException">The port cannot be had.</exception>
    public UdpStreamListener(IPEndPoint at, StreamRoute route, StreamClients clients, OwnConnections own, TimeProvider time, ILogger logger)
    {
        (_route, _clients, _own, _time, _logger) = (route, clients, own, time, logger);
        _openings = new UdpOpenings(time, (destination, reason) => Log.NotFound(logger, at, destination, reason));
        RefuseShared(at);
        _socket = new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (at.AddressFamily == AddressFamily.InterNetworkV6)
            {
                _socket.DualMode = false;
            }

            // The sessions' sockets are bound to the same port.
            _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _socket.Bind(at);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _sweeper = time.CreateTimer(static state => ((UdpStreamListener)state!).EndIdle(), this, Sweep, Sweep);
        _ = ReceiveAsync();
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>How many clients have a session.</summary>
    public int SessionCount => _sessions.Count;

    public void Use(StreamPort port)
    {
        if (port.Whole is { } route && route != _route)
        {
            // There is no end of a connection to wait for: clients go on with the new destination.
            _route = route;
            EndAll();
        }
    }

    public void Dispose()
    {
        _closing.Cancel();
        _sweeper.Dispose();
        _socket.Dispose();
        EndAll();
        _closing.Dispose();
    }

    // With the option that sessions need, a port of another program that set it too would be shared instead of refused.
    private static void RefuseShared(IPEndPoint at)
    {
        using var probe = new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        probe.Bind(at);
    }

    private async Task ReceiveAsync()
    {
        var closing = _closing.Token;
        var buffer = GC.AllocateUninitializedArray<byte>(65535, pinned: true);
        EndPoint any = new IPEndPoint(EndPoint.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!closing.IsCancellationRequested)
        {
            try
            {
                var got = await _socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, any, closing).ConfigureAwait(false);
                Take(buffer.AsSpan(0, got.ReceivedBytes), (IPEndPoint)got.RemoteEndPoint, got.PacketInformation.Address);
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException wrong)
            {
                Log.NotForwarded(_logger, EndPoint, wrong.Message);
            }
            catch (Exception bug)
            {
                Log.Stumbled(_logger, EndPoint, bug);
            }
        }
    }

    private void Take(ReadOnlySpan<byte> datagram, IPEndPoint client, IPAddress asked)
    {
        var route = _route;
        if (!_clients.MayKnow(client, route))
        {
            return;
        }

        if (_sessions.TryGetValue(client, out var session))
        {
            session.Send(datagram);
        }
        else if (_own.Contains(client))
        {
            if (Interlocked.Increment(ref _circles) is 1 or 1000 or 1_000_000)
            {
                Log.Circle(_logger, EndPoint);
            }
        }
        else if (IsRoomFor(client))
        {
            Begin(datagram, client, asked, route);
        }
    }

    private void Begin(ReadOnlySpan<byte> datagram, IPEndPoint client, IPAddress asked, StreamRoute route)
    {
        // It may have begun meanwhile, elsewhere.
        if (_sessions.TryGetValue(client, out var session))
        {
            _openings.End(client);
            session.Send(datagram);
            return;
        }

        var may = _clients.MayUseAsync(client, route, _closing.Token);
        if (may.IsCompletedSuccessfully && !may.Result)
        {
            _openings.End(client);
            return;
        }

        // Done at once where nothing has to be looked up.
        _ = BeginAsync(datagram.ToArray(), client, new IPEndPoint(asked, EndPoint.Port), may, route, _closing.Token);
    }

    private bool IsRoomFor(IPEndPoint client)
    {
        if (_sessions.Count < MostSessions && _openings.HasRoom)
        {
            return _openings.TryBegin(client);
        }

        if (Interlocked.Increment(ref _dropped) is 1 or 1000 or 1_000_000)
        {
            Log.Full(_logger, EndPoint, MostSessions);
        }

        return false;
    }

    private async Task BeginAsync(byte[] datagram, IPEndPoint client, IPEndPoint at, ValueTask<bool> may, StreamRoute route, CancellationToken closing)
    {
        try
        {
            if (await _openings.FindAsync(may, route, closing).ConfigureAwait(false) is not { } destination)
            {
                return;
            }

            var session = new UdpSession(client, at, destination, _own, _time);
            _sessions[client] = session;
            session.Send(datagram);
            // The route may be another by now.
            if ((route != _route || closing.IsCancellationRequested) && _sessions.TryRemove(KeyValuePair.Create(client, session)))
            {
                session.Dispose();
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
        {
            // The port is closed, or nobody waits any more.
        }
        catch (SocketException wrong)
        {
            Log.NotForwarded(_logger, EndPoint, wrong.Message);
        }
        catch (Exception bug)
        {
            Log.Stumbled(_logger, EndPoint, bug);
        }
        finally
        {
            _openings.End(client);
        }
    }

    private void EndIdle()
    {
        var idle = _route.Stream.Idle ?? UsualIdle;
        foreach (var (client, session) in _sessions)
        {
            if (session.Idle >= (session.IsAnswered || idle < UnansweredIdle ? idle : UnansweredIdle))
            {
                _sessions.TryRemove(client, out _);
                session.Dispose();
            }
        }
    }

    private void EndAll()
    {
        foreach (var (client, session) in _sessions)
        {
            _sessions.TryRemove(client, out _);
            session.Dispose();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5420, LogLevel.Debug, "{EndPoint}: a datagram was not forwarded: {Reason}")]
        public static partial void NotForwarded(ILogger logger, IPEndPoint endPoint, string reason);

        [LoggerMessage(5423, LogLevel.Information, "{EndPoint}: {Destination} cannot be found: {Reason}")]
        public static partial void NotFound(ILogger logger, IPEndPoint endPoint, StreamDestination destination, string reason);

        [LoggerMessage(5421, LogLevel.Warning, "{EndPoint}: {Most} clients have a session, or too many are being looked up; datagrams of others are dropped meanwhile")]
        public static partial void Full(ILogger logger, IPEndPoint endPoint, int most);

        [LoggerMessage(5451, LogLevel.Warning, "A service's datagrams lead back to {EndPoint} (UDP), which is Edge itself; dropped. Let its \"to\" name the program behind it")]
        public static partial void Circle(ILogger logger, IPEndPoint endPoint);

        [LoggerMessage(5422, LogLevel.Error, "{EndPoint}: a datagram met a mistake of Edge's own")]
        public static partial void Stumbled(ILogger logger, IPEndPoint endPoint, Exception bug);
    }
}
