using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Edge.Streams;

/// <summary>The clients of a UDP port: gives each that may use it a session, and forgets those in which nothing moves.</summary>
internal sealed partial class UdpSessions : IDisposable
{
    /// <summary>How many clients at once; datagrams of further ones are dropped. Their addresses cost nothing to invent.</summary>
    public const int Most = 4096;

    // A client whom the destination has not answered yet may be nobody: it makes room soon.
    private static readonly TimeSpan UnansweredIdle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UsualIdle = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<UdpPair, UdpSession> _sessions = new();
    private readonly IPEndPoint _at;
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

    /// <param name="at">The port.</param>
    /// <param name="route">The service.</param>
    /// <param name="clients">Knows who may use it.</param>
    /// <param name="own">The near ends of all sessions to destinations.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told what goes wrong.</param>
    public UdpSessions(IPEndPoint at, StreamRoute route, StreamClients clients, OwnConnections own, TimeProvider time, ILogger logger)
    {
        (_at, _route, _clients, _own, _time, _logger) = (at, route, clients, own, time, logger);
        _openings = new UdpOpenings(time, (destination, reason) => Log.NotFound(logger, at, destination, reason));
        _sweeper = time.CreateTimer(static state => ((UdpSessions)state!).EndIdle(), this, Sweep, Sweep);
    }

    /// <summary>There is no end of a connection to wait for: clients go on with the new destination.</summary>
    public void Use(StreamRoute route)
    {
        if (route != _route)
        {
            _route = route;
            EndAll();
        }
    }

    /// <summary>Passes a datagram on that came to the port.</summary>
    /// <param name="datagram">What came.</param>
    /// <param name="pair">From whom, and to which address.</param>
    public void Take(ReadOnlySpan<byte> datagram, UdpPair pair)
    {
        if (_own.Contains(pair.Client))
        {
            TellCircle();
            return;
        }

        var route = _route;
        if (!_clients.MayKnow(pair.Client, route))
        {
            return;
        }

        if (_sessions.TryGetValue(pair, out var session))
        {
            session.Send(datagram);
        }
        else if (IsRoomFor(pair))
        {
            Begin(datagram, pair, route);
        }
    }

    public void Dispose()
    {
        _closing.Cancel();
        _sweeper.Dispose();
        EndAll();
        _closing.Dispose();
    }

    private void Begin(ReadOnlySpan<byte> datagram, UdpPair pair, StreamRoute route)
    {
        // It may have begun meanwhile, elsewhere.
        if (_sessions.TryGetValue(pair, out var session))
        {
            _openings.End(pair);
            session.Send(datagram);
            return;
        }

        var may = _clients.MayUseAsync(pair.Client, route, _closing.Token);
        if (may.IsCompletedSuccessfully && !may.Result)
        {
            _openings.End(pair);
            return;
        }

        // Done at once where nothing has to be looked up.
        _ = BeginAsync(datagram.ToArray(), pair, may, route, _closing.Token);
    }

    private bool IsRoomFor(UdpPair pair)
    {
        if (_sessions.Count < Most && _openings.HasRoom)
        {
            return _openings.TryBegin(pair);
        }

        if (Interlocked.Increment(ref _dropped) is 1 or 1000 or 1_000_000)
        {
            Log.Full(_logger, _at, Most);
        }

        return false;
    }

    private async Task BeginAsync(byte[] datagram, UdpPair pair, ValueTask<bool> may, StreamRoute route, CancellationToken closing)
    {
        try
        {
            if (await _openings.FindAsync(may, route, closing).ConfigureAwait(false) is not { } destination)
            {
                return;
            }

            var session = new UdpSession(pair, destination, _own, Take, _time);
            _sessions[pair] = session;
            session.Send(datagram);
            // The route may be another by now.
            if ((route != _route || closing.IsCancellationRequested) && _sessions.TryRemove(KeyValuePair.Create(pair, session)))
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
            Log.NotBegun(_logger, _at, wrong.Message);
        }
        catch (Exception bug)
        {
            Log.Stumbled(_logger, _at, bug);
        }
        finally
        {
            _openings.End(pair);
        }
    }

    private void TellCircle()
    {
        if (Interlocked.Increment(ref _circles) is 1 or 1000 or 1_000_000)
        {
            Log.Circle(_logger, _at);
        }
    }

    private void EndIdle()
    {
        var idle = _route.Stream.Idle ?? UsualIdle;
        foreach (var (pair, session) in _sessions)
        {
            if (session.Idle >= (session.IsAnswered || idle < UnansweredIdle ? idle : UnansweredIdle))
            {
                _sessions.TryRemove(pair, out _);
                session.Dispose();
            }
        }
    }

    private void EndAll()
    {
        foreach (var (pair, session) in _sessions)
        {
            _sessions.TryRemove(pair, out _);
            session.Dispose();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5424, LogLevel.Debug, "{EndPoint}: no session was begun: {Reason}")]
        public static partial void NotBegun(ILogger logger, IPEndPoint endPoint, string reason);

        [LoggerMessage(5423, LogLevel.Information, "{EndPoint}: {Destination} cannot be found: {Reason}")]
        public static partial void NotFound(ILogger logger, IPEndPoint endPoint, StreamDestination destination, string reason);

        [LoggerMessage(5421, LogLevel.Warning, "{EndPoint}: {Most} clients have a session, or too many are being looked up; datagrams of others are dropped meanwhile")]
        public static partial void Full(ILogger logger, IPEndPoint endPoint, int most);

        [LoggerMessage(5451, LogLevel.Warning, "A service's datagrams lead back to {EndPoint} (UDP), which is Edge itself; dropped. Let its \"to\" name the program behind it")]
        public static partial void Circle(ILogger logger, IPEndPoint endPoint);

        [LoggerMessage(5425, LogLevel.Error, "{EndPoint}: a session was not begun by a mistake of Edge's own")]
        public static partial void Stumbled(ILogger logger, IPEndPoint endPoint, Exception bug);
    }
}
