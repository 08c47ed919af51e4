using System.Net;
using System.Net.Sockets;

namespace Edge.PortMapping.Upnp;

/// <summary>Looks for the gateway device of one router: what any other machine answers is not heard.</summary>
/// <param name="router">The router's address.</param>
/// <param name="time">The clock.</param>
/// <param name="port">Where it listens.</param>
internal sealed class SsdpSearch(IPAddress router, TimeProvider time, int port = 1900)
{
    private const int Rounds = 2;

    // A device waits up to MX seconds (UPnP Device Architecture 1.1, section 1.3.3), here one.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1500);

    /// <summary>Where it describes itself; null when no answer came.</summary>
    public async Task<Uri?> FindAsync(IPAddress local, CancellationToken cancel)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(local, 0));
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, 2);
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, local.GetAddressBytes());
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var search in SsdpMessage.Searches())
                {
                    // Some bridges lose multicast: a router that was asked directly answers as well (section 1.3.2).
                    await SendAsync(socket, search, SsdpMessage.Group, cancel).ConfigureAwait(false);
                    await SendAsync(socket, search, new IPEndPoint(router, port), cancel).ConfigureAwait(false);
                }

                if (await HearAsync(socket, cancel).ConfigureAwait(false) is { } found)
                {
                    return found;
                }
            }
        }
        catch (SocketException)
        {
            // No multicast here, or the address has just gone.
        }

        return null;
    }

    private static async Task SendAsync(Socket socket, byte[] search, IPEndPoint to, CancellationToken cancel)
    {
        try
        {
            await socket.SendToAsync(search, SocketFlags.None, to, cancel).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // One of the two ways may be closed.
        }
    }

    private async Task<Uri?> HearAsync(Socket socket, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        var buffer = new byte[2048];
        try
        {
            while (true)
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), either.Token).ConfigureAwait(false);
                if (received.RemoteEndPoint is IPEndPoint from && from.Address.Equals(router)
                    && SsdpMessage.ReadLocation(buffer.AsSpan(0, received.ReceivedBytes)) is { } location && RouterHttp.IsOfRouter(location, router))
                {
                    return location;
                }
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
