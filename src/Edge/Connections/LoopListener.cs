using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Edge.Connections;

/// <summary>A listening socket that every loop accepts from; a connection stays on the loop that took it.</summary>
internal sealed class LoopListener : IConnectionListener
{
    private readonly Socket _socket;
    private readonly List<LoopAcceptor> _acceptors = [];

    // Kestrel takes them one by one, on the loop that accepted.
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>(new() { SingleReader = true, AllowSynchronousContinuations = true });

    public LoopListener(Socket socket, EventLoops loops, ILogger logger)
    {
        _socket = socket;
        EndPoint = socket.LocalEndPoint!;
        foreach (var loop in loops.All)
        {
            _acceptors.Add(new LoopAcceptor(socket.SafeHandle, loop, connection => _accepted.Writer.TryWrite(connection), logger));
        }
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_accepted.Reader.TryRead(out var connection))
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
        _accepted.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync().ConfigureAwait(false);
        while (_accepted.Reader.TryRead(out var connection))
        {
            connection.Abort();
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
