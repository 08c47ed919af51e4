using System.Net;
using System.Net.Sockets;

namespace Edge.Connections;

/// <summary>Opens ports of TCP. One that this process has just closed comes free when others have closed their copies.</summary>
internal sealed class PortOpening
{
    private const int Backlog = 512;

    // The service manager closes its copy of a socket some moments after it was told to.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly HashSet<int> _closed = [];

    /// <summary>Takes note that a socket of this port is closed here.</summary>
    public void Closed(int port)
    {
        lock (_gate)
        {
            _closed.Add(port);
        }
    }

    /// <param name="at">The endpoint.</param>
    /// <param name="isIPv6Only">Of [::]: not for IPv4.</param>
    /// <exception cref="SocketException">It cannot be had.</exception>
    public Socket Listen(IPEndPoint at, bool isIPv6Only)
    {
        for (var began = Environment.TickCount64; ;)
        {
            var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                if (at.AddressFamily == AddressFamily.InterNetworkV6)
                {
                    socket.DualMode = at.Address.Equals(IPAddress.IPv6Any) && !isIPv6Only;
                }

                // SO_REUSEADDR is set by the framework; its ReuseAddress would set SO_REUSEPORT too and hide a taken port.
                socket.Bind(at);
                socket.Listen(Backlog);
                return socket;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse && MayComeFree(at.Port, began))
            {
                socket.Dispose();
                Thread.Sleep(Moment);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private bool MayComeFree(int port, long began)
    {
        lock (_gate)
        {
            if (Environment.TickCount64 - began < Patience.TotalMilliseconds)
            {
                return _closed.Contains(port);
            }

            _closed.Remove(port);
            return false;
        }
    }
}
