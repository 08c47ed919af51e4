using System.Net;
using System.Net.Sockets;

namespace Edge.Connections;

/// <summary>Connects to destinations: the connection's news come to an event loop, so that an answer goes on to its client without a change of threads.</summary>
internal sealed class LoopConnector(EventLoops loops)
{
    /// <summary>Connects to a host, by whichever of its addresses can be reached first.</summary>
    /// <exception cref="SocketException">None of them could be reached; says why one of them could not.</exception>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint destination, CancellationToken cancel) => new LoopStream(await ConnectSocketAsync(destination, cancel).ConfigureAwait(false));

    /// <summary>The same, without a stream around it.</summary>
    /// <exception cref="SocketException">None of them could be reached; says why one of them could not.</exception>
    public async ValueTask<LoopSocket> ConnectSocketAsync(DnsEndPoint destination, CancellationToken cancel)
    {
        // What follows may be done by other threads.
        var loop = loops.ForNewConnection();
        IPAddress[] addresses = IPAddress.TryParse(destination.Host, out var address)
            ? [address]
            : await System.Net.Dns.GetHostAddressesAsync(destination.Host, cancel).ConfigureAwait(false);
        return await AddressRace.ConnectAsync(addresses, destination.Port, (to, within) => ConnectAsync(to, loop, within), cancel).ConfigureAwait(false);
    }

    private static async ValueTask<LoopSocket> ConnectAsync(IPEndPoint destination, EventLoop loop, CancellationToken cancel)
    {
        var socket = new Socket(destination.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        LoopSocket? connection = null;
        try
        {
            socket.NoDelay = true;
            KeepAlive.Ask(socket);
            socket.Blocking = false;
            try
            {
                socket.Connect(destination);
            }
            catch (SocketException pending) when (pending.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // The loop tells when it has come about.
            }

            connection = new LoopSocket(socket.SafeHandle, socket, loop, connected: false);
            await connection.ConnectedAsync(cancel).ConfigureAwait(false);
            var error = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
            return error == 0 ? connection : throw new SocketException(error);
        }
        catch
        {
            connection?.Dispose();
            socket.Dispose();
            throw;
        }
    }
}
