using System.Net;
using System.Net.Sockets;

namespace Edge.Dns.Listeners;

/// <summary>Opens and binds sockets, and says in words why that fails.</summary>
internal static class SocketBinding
{
    private const int SolSocket = 1;
    private const int SoReusePort = 15;
    private const int IpMtuDiscover = 10;
    private const int IpPmtuDiscProbe = 3;
    private const int IpPktInfo = 8;
    private const int Ipv6RecvPktInfo = 49;
    private const int SolIpv6 = 41;

    /// <summary>
    /// Binds UDP sockets to one address, on Linux several that share the load. SO_REUSEPORT would let a second
    /// server of the same user slip in unnoticed, so a plain socket asks first whether the port is free.
    /// </summary>
    public static Socket[] BindUdp(IPEndPoint address, int count, Func<ProtocolType, IPEndPoint, Socket?> inherited)
    {
        var left = new List<Socket>();
        while (inherited(ProtocolType.Udp, address) is { } socket)
        {
            left.Add(socket);
        }

        if (left.Count > 0)
        {
            return [.. left];
        }

        using (var probe = Open(address, SocketType.Dgram, ProtocolType.Udp))
        {
            Bind(probe, address, "UDP");
            address = (IPEndPoint)probe.LocalEndPoint!;
        }

        var sockets = new Socket[OperatingSystem.IsLinux() ? Math.Max(1, count) : 1];
        try
        {
            for (var i = 0; i < sockets.Length; i++)
            {
                sockets[i] = OpenUdp(address);
                BindUdp(sockets[i], address);
            }

            return sockets;
        }
        catch
        {
            // Those that are bound would have their share of the questions.
            Array.ForEach(sockets, socket => socket?.Dispose());
            throw;
        }
    }

    /// <summary>A UDP socket for one address that is not bound yet.</summary>
    public static Socket OpenUdp(IPEndPoint address)
    {
        var socket = Open(address, SocketType.Dgram, ProtocolType.Udp);
        if (OperatingSystem.IsLinux())
        {
            Configure(socket, address);
        }

        return socket;
    }

    /// <summary>Binds it beside those that are there already: what comes from now on is shared with them.</summary>
    public static void BindUdp(Socket socket, IPEndPoint address) => Bind(socket, address, "UDP");

    /// <summary>Binds a TCP socket and begins to listen.</summary>
    public static Socket BindTcp(IPEndPoint address, ListenerOptions options)
    {
        if (options.Inherited(ProtocolType.Tcp, address) is { } left)
        {
            return left;
        }

        var socket = Open(address, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // .NET sets SO_REUSEADDR for TCP by itself; its ReuseAddress would set SO_REUSEPORT too and hide a taken port.
            Bind(socket, address, "TCP");
            socket.Listen(512);
            options.Opened(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket Open(IPEndPoint address, SocketType type, ProtocolType protocol)
    {
        var socket = new Socket(address.AddressFamily, type, protocol);
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            // [::] is IPv6 only, so that it stands beside 0.0.0.0.
            socket.DualMode = false;
        }

        return socket;
    }

    private static void Configure(Socket socket, IPEndPoint address)
    {
        Span<byte> one = stackalloc byte[4];
        BitConverter.TryWriteBytes(one, 1);
        socket.SetRawSocketOption(SolSocket, SoReusePort, one);
        socket.ReceiveBufferSize = 1 << 20;
        var v6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        if (address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any))
        {
            // The answer must leave from the address that was asked (RFC 2181 §4.1).
            socket.SetRawSocketOption(v6 ? SolIpv6 : 0, v6 ? Ipv6RecvPktInfo : IpPktInfo, one);
        }

        if (!v6)
        {
            // DF is set and forged "fragmentation needed" messages are not believed (RFC 9715 §3.1).
            Span<byte> probe = stackalloc byte[4];
            BitConverter.TryWriteBytes(probe, IpPmtuDiscProbe);
            socket.SetRawSocketOption(0, IpMtuDiscover, probe);
        }
    }

    private static void Bind(Socket socket, IPEndPoint address, string protocol)
    {
        try
        {
            socket.Bind(address);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new ListenException($"cannot listen on {address} ({protocol}): {Advice(e, address)}", e);
        }
    }

    private static string Advice(SocketException error, IPEndPoint address) => error.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse when address.Port == 53 =>
            "another program has port 53. Often it is systemd-resolved: name this machine's own addresses under dns.listen instead of 0.0.0.0, "
            + $"or set DNSStubListener=no in /etc/systemd/resolved.conf. \"ss -lnup sport = :{address.Port}\" shows which program it is",
        SocketError.AddressAlreadyInUse =>
            $"another program has this port; \"ss -lntup sport = :{address.Port}\" shows which. End it or choose another port under dns.listen",
        SocketError.AccessDenied =>
            "ports below 1024 need a right: AmbientCapabilities=CAP_NET_BIND_SERVICE in the systemd unit, or \"setcap cap_net_bind_service=+ep\" on the binary",
        SocketError.AddressNotAvailable =>
            "this machine has no such address; \"ip address\" shows those it has",
        _ => error.Message,
    };
}
