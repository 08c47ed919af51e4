using System.Net;
using System.Net.Sockets;

namespace Edge.Streams;

/// <summary>One UDP port of a service: receives what comes from clients that have no session yet.</summary>
internal sealed partial class UdpStreamListener : IStreamListener
{
    private readonly Socket _socket;
    private readonly UdpSessions _sessions;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();

    /// <param name="at">Where to listen.</param>
    /// <param name="route">The service.</param>
    /// <param name="clients">Knows who may use it.</param>
    /// <param name="own">The near ends of all sessions to destinations.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told what goes wrong.</param>
    /// <exception cref="SocketException">The port cannot be had.</exception>
    public UdpStreamListener(IPEndPoint at, StreamRoute route, StreamClients clients, OwnConnections own, TimeProvider time, ILogger logger)
    {
        _logger = logger;
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
        _sessions = new UdpSessions(EndPoint, route, clients, own, time, logger);
        _ = ReceiveAsync();
    }

    public IPEndPoint EndPoint { get; }

    public void Use(StreamPort port)
    {
        if (port.Whole is { } route)
        {
            _sessions.Use(route);
        }
    }

    public void Dispose()
    {
        _closing.Cancel();
        _socket.Dispose();
        _sessions.Dispose();
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
                _sessions.Take(buffer.AsSpan(0, got.ReceivedBytes), new UdpPair((IPEndPoint)got.RemoteEndPoint, new IPEndPoint(got.PacketInformation.Address, EndPoint.Port)));
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

    private static partial class Log
    {
        [LoggerMessage(5420, LogLevel.Debug, "{EndPoint}: a datagram was not forwarded: {Reason}")]
        public static partial void NotForwarded(ILogger logger, IPEndPoint endPoint, string reason);

        [LoggerMessage(5422, LogLevel.Error, "{EndPoint}: a datagram met a mistake of Edge's own")]
        public static partial void Stumbled(ILogger logger, IPEndPoint endPoint, Exception bug);
    }
}
