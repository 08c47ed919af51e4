using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Edge.Connections;

/// <summary>
/// The sockets that clients come to. One that another process has left to this one is taken instead of a new one: it has
/// been open all the time, and who came meanwhile waits in it.
/// </summary>
internal sealed class ListeningSockets : IDisposable
{
    private readonly PortOpening _opening = new();
    private readonly Lock _gate = new();
    private readonly List<Socket> _left = [];
    private readonly List<Socket> _open = [];
    private volatile bool _ending;

    /// <summary>Raised by <see cref="Close"/>.</summary>
    public event Action? Closing;

    /// <summary>Is told of each one that was opened here.</summary>
    public event Action<Socket>? Opened;

    /// <summary>Is told where there was one that is wanted no more.</summary>
    public event Action<IPEndPoint>? Abandoned;

    /// <summary>Is told of each one of a unit that is not as it is wanted, and is served by as it is.</summary>
    public event Action<IPEndPoint>? KeptAsIs;

    /// <summary>Those that came from .socket units.</summary>
    public UnitSockets Units { get; } = new();

    /// <summary>Those of TCP that serve now: several processes can have one at once. One of UDP is for one process.</summary>
    public IReadOnlyList<Socket> Open
    {
        get
        {
            lock (_gate)
            {
                return [.. _open.Where(IsOpen)];
            }
        }
    }

    /// <summary>Takes sockets over from another process; what is none is left alone.</summary>
    /// <param name="descriptors">Their numbers in this process.</param>
    /// <param name="isOfUnit">Whether one came from a .socket unit.</param>
    /// <param name="protocol">Only those of this one; null for all.</param>
    public static ListeningSockets Inherit(IEnumerable<int> descriptors, Func<int, IPEndPoint, bool> isOfUnit, ProtocolType? protocol = null)
    {
        var sockets = new ListeningSockets();
        var ofUnits = new HashSet<string>();
        foreach (var descriptor in descriptors)
        {
            try
            {
                var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
                if (socket.LocalEndPoint is IPEndPoint at && (protocol is null || socket.ProtocolType == protocol))
                {
                    if (socket.ProtocolType == ProtocolType.Udp)
                    {
                        // Another copy of it, in the next process, would take questions that nobody reads.
                        LinuxSockets.Withhold(socket.SafeHandle);
                    }

                    sockets._left.Add(socket);
                    if (isOfUnit(descriptor, at))
                    {
                        ofUnits.Add(LinuxSockets.NameOf(socket.SafeHandle));
                    }
                }
                else
                {
                    socket.Dispose();
                }
            }
            catch (SocketException)
            {
                // Something else: the service manager keeps descriptors of any kind.
            }
        }

        // The manager may keep a copy of one as well.
        sockets._left.Where(socket => ofUnits.Count > 0 && ofUnits.Contains(LinuxSockets.NameOf(socket.SafeHandle))).ToList().ForEach(sockets.Units.Add);
        return sockets;
    }

    /// <summary>
    /// Closes what was left for TCP and keeps these endpoints from being had as they are wanted now: [::] with both families beside an
    /// IPv4 address, or the other way round. That cannot be changed of a socket that is bound. One of a unit stays: the port would not come free.
    /// </summary>
    /// <param name="wanted">What is to be opened.</param>
    /// <param name="beside">What others open or have.</param>
    public void ClearWay(IReadOnlyCollection<IPEndPoint> wanted, IReadOnlyCollection<IPEndPoint> beside)
    {
        List<Socket> inTheWay;
        lock (_gate)
        {
            inTheWay = [.. _left.Where(socket => socket.ProtocolType == ProtocolType.Tcp && IsInTheWay(socket, wanted, beside))];
            _left.RemoveAll(socket => inTheWay.Contains(socket) && !Units.Has(socket));
        }

        foreach (var kept in inTheWay.Where(Units.Has).Select(socket => (IPEndPoint)socket.LocalEndPoint!).Distinct())
        {
            KeptAsIs?.Invoke(kept);
        }

        inTheWay.Where(socket => !Units.Has(socket)).ToList().ForEach(Abandon);
    }

    /// <summary>Listens at an endpoint of TCP for whoever takes it later, unless one was left for it. Clients wait until then.</summary>
    /// <param name="at">The endpoint.</param>
    /// <param name="isIPv6Only">Of [::]: not for IPv4.</param>
    /// <exception cref="SocketException">It cannot be had.</exception>
    public void Reserve(IPEndPoint at, bool isIPv6Only)
    {
        lock (_gate)
        {
            // Which port the system chooses is for who asks for it.
            if (at.Port == 0 || _left.Exists(socket => IsAt(socket, ProtocolType.Tcp, at)))
            {
                return;
            }
        }

        var socket = OpenNew(at, isIPv6Only);
        lock (_gate)
        {
            _left.Add(socket);
        }
    }

    /// <summary>Listens at an endpoint of TCP: by what was left for it, or anew.</summary>
    /// <param name="at">The endpoint.</param>
    /// <param name="isIPv6Only">Of [::]: not for IPv4.</param>
    /// <exception cref="SocketException">It cannot be had.</exception>
    public Socket Listen(IPEndPoint at, bool isIPv6Only)
    {
        if (Take(ProtocolType.Tcp, at) is { } left)
        {
            return left;
        }

        var socket = OpenNew(at, isIPv6Only);
        Own(socket);
        return socket;
    }

    /// <summary>The one that was left for this endpoint; null when there is none (any more).</summary>
    public Socket? Take(ProtocolType protocol, IPEndPoint at)
    {
        lock (_gate)
        {
            if (_left.Find(socket => IsAt(socket, protocol, at)) is not { } socket)
            {
                return null;
            }

            _left.Remove(socket);
            if (protocol == ProtocolType.Tcp)
            {
                Add(socket);
            }

            return socket;
        }
    }

    /// <summary>Remembers one of TCP that was opened here.</summary>
    public void Own(Socket socket)
    {
        lock (_gate)
        {
            Add(socket);
        }

        Opened?.Invoke(socket);
    }

    /// <summary>Closes one that is wanted no more. At the end of the process it is: the next one goes on with it.</summary>
    public void Abandon(Socket socket)
    {
        if (!_ending)
        {
            var at = (IPEndPoint)socket.LocalEndPoint!;
            _opening.Closed(at.Port);
            Abandoned?.Invoke(at);
        }

        socket.Dispose();
    }

    /// <summary>A bound socket for one of Kestrel's endpoints.</summary>
    public Socket Bind(EndPoint at)
    {
        if (at is IPEndPoint address && Take(ProtocolType.Tcp, address) is { } left)
        {
            return left;
        }

        // Also takes IPv4 at [::].
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(at);
        Own(socket);
        return socket;
    }

    /// <summary>Closes what was left for endpoints that nobody has asked for: clients would wait there for ever.</summary>
    /// <returns>Where those of TCP were.</returns>
    public IReadOnlyList<IPEndPoint> CloseRest()
    {
        lock (_gate)
        {
            List<IPEndPoint> closed = [.. _left.Where(socket => socket.ProtocolType == ProtocolType.Tcp).Select(socket => (IPEndPoint)socket.LocalEndPoint!)];
            _left.ForEach(socket => socket.Dispose());
            _left.Clear();
            return closed;
        }
    }

    /// <summary>The process begins to end: those of the web server take no more connections, while the ones that are there go on.</summary>
    public void Close()
    {
        _ending = true;
        Closing?.Invoke();
    }

    public void Dispose() => CloseRest();

    private static bool IsAt(Socket socket, ProtocolType protocol, IPEndPoint at) => socket.ProtocolType == protocol && at.Equals(socket.LocalEndPoint);

    private static bool IsInTheWay(Socket socket, IReadOnlyCollection<IPEndPoint> wanted, IReadOnlyCollection<IPEndPoint> beside)
    {
        var at = (IPEndPoint)socket.LocalEndPoint!;
        var any = new IPEndPoint(IPAddress.IPv6Any, at.Port);
        if (beside.Contains(any) || !wanted.Any(other => other.Port == at.Port))
        {
            return false;
        }

        var isBoth = AnyAddress.IsBoth(any, [.. wanted, .. beside]);
        return at.Equals(any) ? socket.DualMode != isBoth : at.AddressFamily == AddressFamily.InterNetwork && isBoth && wanted.Contains(any);
    }

    private Socket OpenNew(IPEndPoint at, bool isIPv6Only) => _opening.Listen(at, isIPv6Only || Units.HasIPv4(at.Port));

    private static bool IsOpen(Socket socket) => socket.SafeHandle is { IsClosed: false, IsInvalid: false };

    private void Add(Socket socket)
    {
        _open.RemoveAll(other => !IsOpen(other));
        _open.Add(socket);
    }
}
