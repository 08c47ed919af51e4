using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Edge.Connections;

/// <summary>Gives Kestrel listeners on the event loops, for the endpoints that are meant to have them; the others stay with Kestrel's own transport.</summary>
/// <param name="loops">The loops.</param>
/// <param name="wants">The endpoints, as they were asked for.</param>
/// <param name="logger">For what goes wrong while accepting.</param>
/// <param name="sockets">Those that another process has left; none when left out.</param>
internal sealed class LoopListenerFactory(EventLoops loops, Func<IPEndPoint, bool> wants, ILogger<LoopListenerFactory> logger, ListeningSockets? sockets = null) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private const int Backlog = 512;

    private readonly ListeningSockets _sockets = sockets ?? new();

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint address && wants(address);

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
        var listener = new LoopListener(socket, loops, logger);
        _sockets.Closing += () => _ = listener.UnbindAsync(CancellationToken.None).AsTask();
        return ValueTask.FromResult<IConnectionListener>(listener);
    }
}
