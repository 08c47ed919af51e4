using System.Net;
using System.Net.Sockets;

namespace Edge.Gateway;

/// <summary>Says before the start what is wrong with an endpoint, in one line with what to do.</summary>
internal static class PortCheck
{
    /// <summary>What keeps a TCP listener from this endpoint; null when nothing does.</summary>
    /// <param name="endPoint">The address and port.</param>
    /// <param name="setting">The setting it comes from: "gateway.https".</param>
    /// <param name="isIPv6Only">Of [::]: not for IPv4.</param>
    public static string? Wrong(IPEndPoint endPoint, string setting, bool isIPv6Only = false) => endPoint.Port == 0 ? null : Wrong(endPoint, endPoint.Port, setting, isIPv6Only);

    /// <summary>The same for an endpoint whose port is going to be free: what keeps a listener from its address.</summary>
    public static string? WrongAddress(IPEndPoint endPoint, string setting) => Wrong(endPoint, 0, setting, isIPv6Only: false);

    /// <summary>What that endpoint could not be had means, and what to do.</summary>
    public static string Say(IPEndPoint endPoint, string setting, SocketException wrong) => wrong.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"{endPoint} ({setting}) is taken by another program: see which with \"ss -ltnp sport = :{endPoint.Port}\", then end it or set another port for {setting} in edge.yaml",
        SocketError.AccessDenied => $"{endPoint} ({setting}) may not be opened by this user: ports below 1024 need root, the capability CAP_NET_BIND_SERVICE, or another port for {setting} in edge.yaml",
        SocketError.AddressNotAvailable => $"{endPoint} ({setting}) is not an address of this machine: see them with \"ip address\", or use 0.0.0.0 or [::] for all of them",
        _ => $"{endPoint} ({setting}) cannot be opened: {wrong.Message}",
    };

    private static string? Wrong(IPEndPoint endPoint, int port, string setting, bool isIPv6Only)
    {
        try
        {
            using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = !isIPv6Only;
            }

            socket.Bind(new IPEndPoint(endPoint.Address, port));
            socket.Listen();
            return null;
        }
        catch (SocketException wrong)
        {
            return Say(endPoint, setting, wrong);
        }
    }
}
