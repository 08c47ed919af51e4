using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Edge.Connections;

/// <summary>
/// A listening socket that every loop accepts from. A connection stays on the loop that took it, and is served there; the web server is
/// offered those that want it, and when nobody comes any more all that are left, so that it waits for them. See docs/decisions/0048-door.md.
/// </summary>
internal sealed partial class LoopListener : IConnectionListener
{
    private readonly Socket _socket;
    private readonly ConnectionDelegate _serve;
    private readonly ILogger _logger;
    private readonly List<LoopAcceptor> _acceptors = [];
    private readonly ConcurrentDictionary<LoopConnection, bool> _open = new(ReferenceEqualityComparer.Instance);

    // Kestrel takes them one by one, on the loop that offers.
    private readonly Channel<OfferedConnection> _offered = Channel.CreateUnbounded<OfferedConnection>(new() { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly Lock _offering = new();

    /// <param name="socket">Listens already, and does not block.</param>
    /// <param name="way">What comes before the web server.</param>
    /// <param name="loops">The loops.</param>
    /// <param name="logger">For what goes wrong with a connection, or while accepting.</param>
    public LoopListener(Socket socket, IConnectionBuilder way, EventLoops loops, ILogger logger)
    {
        (_socket, _logger) = (socket, logger);
        _serve = way.Run(connection => OfferAsync((LoopConnection)connection)).Build();
        EndPoint = socket.LocalEndPoint!;
        KeepAlive.Ask(socket);
        foreach (var loop in loops.All)
        {
            _acceptors.Add(new LoopAcceptor(socket.SafeHandle, loop, connection => _ = ServeAsync(connection), logger));
        }
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _offered.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_offered.Reader.TryRead(out var connection))
            {
                return connection;
            }
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        foreach (var acceptor in _acceptors)
        {
            acceptor.Dispose();
        }

        _socket.Dispose();
        lock (_offering)
        {
            foreach (var (connection, _) in _open)
            {
                Offer(connection);
            }

            _offered.Writer.TryComplete();
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync().ConfigureAwait(false);
        while (_offered.Reader.TryRead(out var connection))
        {
            connection.Refuse();
        }
    }

    // To its last byte, whoever serves it.
    private async Task ServeAsync(LoopConnection connection)
    {
        _open[connection] = true;
        try
        {
            await _serve(connection).ConfigureAwait(false);
        }
        catch (ConnectionAbortedException)
        {
            // Whoever aborted it knows why.
        }
        catch (Exception wrong)
        {
            Log.Failed(_logger, wrong, connection.ConnectionId);
        }
        finally
        {
            await EndAsync(connection).ConfigureAwait(false);
        }
    }

    // Whatever happens to it: for one that the web server knows of it waits when it stops.
    private async ValueTask EndAsync(LoopConnection connection)
    {
        try
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            Take(connection)?.End();
        }
    }

    private Task OfferAsync(LoopConnection connection)
    {
        lock (_offering)
        {
            Offer(connection);
        }

        return connection.Offered!.ServeAsync();
    }

    // Once, by who holds the lock: after the last one nobody takes any.
    private void Offer(LoopConnection connection)
    {
        if (connection.Offered is null)
        {
            connection.Offered = new OfferedConnection(connection);
            _offered.Writer.TryWrite(connection.Offered);
        }
    }

    // It is over. What the web server has of it, when it has anything.
    private OfferedConnection? Take(LoopConnection connection)
    {
        _open.TryRemove(connection, out _);
        lock (_offering)
        {
            return connection.Offered;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5902, LogLevel.Error, "Unhandled exception while serving connection {Connection}")]
        public static partial void Failed(ILogger logger, Exception wrong, string connection);
    }
}
