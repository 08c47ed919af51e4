using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Edge.Connections;
using Edge.Services;

namespace Edge.Streams;

/// <summary>The life of one connection once its route is known: a destination, the PROXY header, the relay.</summary>
/// <param name="listeners">Where Edge itself listens: no connection of a service may end there.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told of destinations that cannot be reached.</param>
internal sealed partial class StreamForwarder(ImmutableArray<IPEndPoint> listeners, TimeProvider time, ILogger<StreamForwarder> logger)
{
    /// <summary>How long a connection to a destination may take to come about.</summary>
    public static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);

    private readonly OwnConnections _own = new();
    private long _open;

    /// <summary>How many connections are being relayed.</summary>
    public long Open => Volatile.Read(ref _open);

    /// <summary>Whether a connection was made by this process itself, for a service: its destination leads back here.</summary>
    public bool IsCircle(IPEndPoint? client, IPEndPoint? at)
    {
        if (!_own.Contains(client))
        {
            return false;
        }

        Log.Circle(logger, at);
        return true;
    }

    /// <summary>Carries a client to its service.</summary>
    /// <returns>Null when it ended well; otherwise why it did not.</returns>
    public async Task<string?> ForwardAsync(IStreamEnd client, StreamRoute route, CancellationToken cancel)
    {
        Interlocked.Increment(ref _open);
        try
        {
            using var destination = await ConnectAsync(route, cancel).ConfigureAwait(false);
            using var known = destination is null ? null : _own.While(destination.Local);
            if (destination is null)
            {
                return "no destination can be reached";
            }

            // Once more: the connection that this one comes from may have been made in the same moment.
            if (IsCircle(client.Remote, client.Local))
            {
                return "it goes in a circle";
            }

            if (route.Stream.SendProxy != ProxyProtocolVersion.None && client is { Remote: { } remote, Local: { } local })
            {
                await destination.SendAsync(ProxyHeaderWriter.Write(route.Stream.SendProxy, remote, local), cancel).ConfigureAwait(false);
            }

            var reason = await StreamRelay.RunAsync(client, destination, route.Stream.Idle, time, cancel).ConfigureAwait(false);
            Log.Ended(logger, route.Name, client.Remote, reason ?? "both sides have ended");
            return reason;
        }
        catch (Exception broken) when (broken is SocketException or IOException)
        {
            return broken.Message;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return "it was ended before it came about";
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task<SocketEnd?> ConnectAsync(StreamRoute route, CancellationToken cancel)
    {
        foreach (var destination in route.Destinations.InTurn(time))
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var patience = new CancellationTokenSource(ConnectPatience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
            try
            {
                await socket.ConnectAsync(destination.Host, destination.Port, either.Token).ConfigureAwait(false);
                KeepAlive.Ask(socket);
                if (Reached(socket) is { } listener)
                {
                    socket.Dispose();
                    destination.Failed(time, StreamDestinations.Rest);
                    Log.LeadsHere(logger, route.Name, destination, listener);
                    continue;
                }

                destination.Succeeded();
                return new SocketEnd(socket);
            }
            catch (Exception failed) when (failed is SocketException or OperationCanceledException && !cancel.IsCancellationRequested)
            {
                socket.Dispose();
                destination.Failed(time, StreamDestinations.Rest);
                Log.Unreachable(logger, route.Name, destination.ToString(), failed is SocketException ? failed.Message : $"no answer within {ConnectPatience}");
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        return null;
    }

    // The listener of Edge that a connection has come to, whatever name it went by. Who connects to an address of his own machine
    // does it from there.
    private IPEndPoint? Reached(Socket socket)
    {
        var (remote, local) = (Plain(socket.RemoteEndPoint), Plain(socket.LocalEndPoint));
        return remote is null ? null : listeners.FirstOrDefault(listener => listener.Port == remote.Port
            && (listener.Address.Equals(remote.Address) || (IsAny(listener.Address) && (IPAddress.IsLoopback(remote.Address) || remote.Address.Equals(local?.Address)))));
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static IPEndPoint? Plain(EndPoint? end) => end is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port) : end as IPEndPoint;

    private static partial class Log
    {
        [LoggerMessage(5400, LogLevel.Information, "{Service}: {Destination} cannot be reached: {Reason}")]
        public static partial void Unreachable(ILogger logger, string service, string destination, string reason);

        [LoggerMessage(5402, LogLevel.Warning, "A service's destination leads back to {EndPoint}, which is Edge itself; closed. Let its \"to\" name the program behind it")]
        public static partial void Circle(ILogger logger, IPEndPoint? endPoint);

        [LoggerMessage(5450, LogLevel.Warning, "{Service}: {Destination} is Edge itself ({Listener}), so a connection was closed. Let its \"to\" name the program behind it")]
        public static partial void LeadsHere(ILogger logger, string service, StreamDestination destination, IPEndPoint listener);

        [LoggerMessage(5401, LogLevel.Debug, "{Service}: the connection of {Client} is over: {Reason}")]
        public static partial void Ended(ILogger logger, string service, IPEndPoint? client, string reason);
    }
}
