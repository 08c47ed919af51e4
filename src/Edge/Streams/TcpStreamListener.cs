using System.Net;
using System.Net.Sockets;
using Edge.Connections;

namespace Edge.Streams;

/// <summary>One TCP port of services: accepts, finds the route, hands over.</summary>
internal sealed partial class TcpStreamListener : IStreamListener
{
    // A stranger who connects and says nothing does not stay.
    private static readonly TimeSpan BeginningPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly StreamOptions _options;
    private readonly StreamForwarder _forwarder;
    private readonly StreamClients _clients;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationToken _end;
    private readonly CancellationTokenSource _closing = new();
    private volatile StreamPort _port;

    /// <exception cref="SocketException">The port cannot be had.</exception>
    public TcpStreamListener(IPEndPoint at, bool isIPv6Only, StreamPort port, StreamOptions options, StreamForwarder forwarder, StreamClients clients, TimeProvider time, ILogger logger, CancellationToken end)
    {
        (_port, _options, _forwarder, _clients, _time, _logger, _end) = (port, options, forwarder, clients, time, logger, end);
        (IsIPv6Only, _socket) = (isIPv6Only, options.Sockets.Listen(at, isIPv6Only));
        IsOfUnit = options.Sockets.Units.Has(_socket);
        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _ = AcceptAsync();
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Of [::]: not for IPv4.</summary>
    public bool IsIPv6Only { get; }

    /// <summary>Came from a .socket unit.</summary>
    public bool IsOfUnit { get; }

    public void Use(StreamPort port) => _port = port;

    /// <summary>Takes no new connections; those that are there go on.</summary>
    public void Dispose()
    {
        _closing.Cancel();
        _options.Sockets.Abandon(_socket);
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        var closing = _closing.Token;
        while (!closing.IsCancellationRequested)
        {
            try
            {
                var client = await _socket.AcceptAsync(closing).ConfigureAwait(false);
                _ = ServeAsync(client);
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException wrong) when (!closing.IsCancellationRequested)
            {
                // A client that is gone again, or no file descriptors left: the next one may do better.
                Log.NotAccepted(_logger, EndPoint, wrong.Message);
                await Task.Delay(AcceptPause, _time, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        await Task.Yield();
        try
        {
            client.NoDelay = true;
            KeepAlive.Ask(client);
            using var end = new SocketEnd(client);
            var route = await BeginAsync(end).ConfigureAwait(false);
            if (route is null || await _forwarder.ForwardAsync(end, route, _end).ConfigureAwait(false) is not null)
            {
                end.Reset();
            }
        }
        catch (Exception gone) when (gone is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            client.Dispose();
        }
        catch (Exception bug)
        {
            client.Dispose();
            Log.Stumbled(_logger, EndPoint, bug);
        }
    }

    private async Task<StreamRoute?> BeginAsync(SocketEnd end)
    {
        using var patience = new CancellationTokenSource(BeginningPatience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _end);
        if (_forwarder.IsCircle(end.Remote, EndPoint))
        {
            return null;
        }

        var beginning = new StreamBeginning(end, _options);
        if (!await beginning.ReadProxyHeaderAsync(either.Token).ConfigureAwait(false))
        {
            Log.NoHeader(_logger, EndPoint, end.Remote);
            return null;
        }

        var port = _port;
        var route = port.Whole ?? (await beginning.ReadServerNameAsync(either.Token).ConfigureAwait(false) is { } name ? port.ByName.Find(name) : null);
        return route is not null && await _clients.MayUseAsync(end.Remote, route, either.Token).ConfigureAwait(false) ? route : null;
    }

    private static partial class Log
    {
        [LoggerMessage(5410, LogLevel.Warning, "{EndPoint}: a connection could not be accepted: {Reason}")]
        public static partial void NotAccepted(ILogger logger, IPEndPoint endPoint, string reason);

        [LoggerMessage(5411, LogLevel.Debug, "{EndPoint}: {Client} is a proxy by gateway.proxy-protocol and sent no PROXY header; closed")]
        public static partial void NoHeader(ILogger logger, IPEndPoint endPoint, IPEndPoint? client);

        [LoggerMessage(5412, LogLevel.Error, "{EndPoint}: a connection ended by a mistake of Edge's own")]
        public static partial void Stumbled(ILogger logger, IPEndPoint endPoint, Exception bug);
    }
}
