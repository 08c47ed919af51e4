using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Edge.Connections;

/// <summary>Gives Kestrel listeners on the event loops, for <see cref="LoopEndPoint"/>; the others stay with Kestrel's own transport.</summary>
/// <param name="loops">The loops.</param>
/// <param name="logger">For what goes wrong with connections.</param>
/// <param name="sockets">Those that another process has left; none when left out.</param>
internal sealed class LoopListenerFactory(EventLoops loops, ILogger<LoopListenerFactory> logger, ListeningSockets? sockets = null) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private const int Backlog = 512;

    private readonly ListeningSockets _sockets = sockets ?? new();

    public bool CanBind(EndPoint endpoint) => endpoint is LoopEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket socket;
        try
        {
            socket = _sockets.Bind(endpoint);
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(taken.Message, taken);
        }

        socket.Listen(Backlog);
        socket.Blocking = false;
        var listener = new LoopListener(socket, ((LoopEndPoint)endpoint).Way, loops, logger);
        _sockets.Closing += () => _ = listener.UnbindAsync(CancellationToken.None).AsTask();
        return ValueTask.FromResult<IConnectionListener>(listener);
    }
}
