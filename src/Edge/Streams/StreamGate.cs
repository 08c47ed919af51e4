using Edge.Acme;
using Edge.Connections;
using Microsoft.AspNetCore.Connections;

namespace Edge.Streams;

/// <summary>
/// Stands in front of the gateway's own listeners: reads the PROXY header of trusted proxies, and takes TLS connections
/// away whose server name is a service's that ends TLS itself. Where neither is set, it costs nothing.
/// </summary>
internal sealed partial class StreamGate(StreamManager streams, StreamOptions options, StreamForwarder forwarder, StreamClients clients, TimeProvider time, ILogger<StreamGate> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Puts the gate in front of a listener.</summary>
    /// <param name="next">What the connection goes on to.</param>
    /// <param name="isTls">Whether its connections begin with TLS.</param>
    public ConnectionDelegate Use(ConnectionDelegate next, bool isTls) => connection =>
    {
        var isProxy = options.IsProxy(connection.RemoteEndPoint as System.Net.IPEndPoint);
        return isProxy || (isTls && !streams.Passthrough.IsEmpty) ? PassAsync(connection, next, isProxy, isTls) : next(connection);
    };

    private async Task PassAsync(ConnectionContext connection, ConnectionDelegate next, bool isProxy, bool isTls)
    {
        var at = connection.LocalEndPoint as System.Net.IPEndPoint;
        if (forwarder.IsCircle(connection.RemoteEndPoint as System.Net.IPEndPoint, at))
        {
            return;
        }

        StreamRoute? route = null;
        using (var patience = new CancellationTokenSource(Patience, time))
        {
            try
            {
                if (isProxy && !await ReadHeaderAsync(connection, patience.Token).ConfigureAwait(false))
                {
                    Log.NoHeader(logger, connection.RemoteEndPoint);
                    return;
                }

                var name = isTls && !streams.Passthrough.IsEmpty ? await ReadServerNameAsync(connection, patience.Token).ConfigureAwait(false) : null;
                route = name is null ? null : streams.Passthrough.Find(name);
                route = route is not null && await clients.MayUseAsync(connection.RemoteEndPoint as System.Net.IPEndPoint, route, patience.Token).ConfigureAwait(false) ? route : null;
            }
            catch (Exception gone) when (gone is OperationCanceledException or IOException)
            {
                return;
            }
        }

        if (route is null)
        {
            await next(connection).ConfigureAwait(false);
        }
        else
        {
            await ForwardAsync(connection, route).ConfigureAwait(false);
        }
    }

    // A client that ends its half ends nothing else: what it has said before is still on its way, and so is the answer. The relay reads
    // the end in its turn; only of a connection that is broken it has to be told.
    private async Task ForwardAsync(ConnectionContext connection, StreamRoute route)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(streams.End, connection is LoopConnection own ? own.Broken : CancellationToken.None);
        if (await forwarder.ForwardAsync(new PipeEnd(connection), route, ending.Token).ConfigureAwait(false) is { } reason)
        {
            connection.Abort(new ConnectionAbortedException(reason));
        }
    }

    private static async Task<bool> ReadHeaderAsync(ConnectionContext connection, CancellationToken cancel)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(cancel).ConfigureAwait(false);
            var bytes = read.Buffer;
            var seen = bytes.Slice(0, Math.Min(bytes.Length, ProxyHeaderReader.MostBytes));
            switch (ProxyHeaderReader.Read(System.Buffers.BuffersExtensions.ToArray(seen), out var header, out var length))
            {
                case ProxyHeaderStatus.Complete:
                    connection.RemoteEndPoint = header.Source ?? connection.RemoteEndPoint;
                    connection.LocalEndPoint = header.Destination ?? connection.LocalEndPoint;
                    input.AdvanceTo(bytes.GetPosition(length));
                    return true;
                case ProxyHeaderStatus.Incomplete when !read.IsCompleted:
                    input.AdvanceTo(bytes.Start, bytes.End);
                    break;
                default:
                    input.AdvanceTo(bytes.Start);
                    return false;
            }
        }
    }

    private static async Task<string?> ReadServerNameAsync(ConnectionContext connection, CancellationToken cancel)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(cancel).ConfigureAwait(false);
            if (ClientHello.TryRead(read.Buffer, out var hello) || read.IsCompleted)
            {
                // Nothing counts as seen: the next reader finds all of it at once.
                input.AdvanceTo(read.Buffer.Start);
                return hello is { ServerName.Length: > 0 } ? hello.ServerName : null;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5430, LogLevel.Debug, "{Client} is a proxy by gateway.proxy-protocol and sent no PROXY header; closed")]
        public static partial void NoHeader(ILogger logger, System.Net.EndPoint? client);
    }
}
