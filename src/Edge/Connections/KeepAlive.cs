using System.Net.Sockets;

namespace Edge.Connections;

/// <summary>
/// Has the kernel ask a peer that says nothing whether it is there (RFC 9293 section 3.8.4): one that has vanished without a word, with its
/// line or its power, is noticed after two minutes. Over an event stream or a WebSocket that is silent nothing else would notice it.
/// </summary>
internal static class KeepAlive
{
    private const int IdleSeconds = 60;
    private const int IntervalSeconds = 15;
    private const int Probes = 4;

    /// <summary>Of this connection; of a socket that listens, of all that it accepts (they have its options, tcp(7)).</summary>
    public static void Ask(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, IdleSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, IntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
    }
}
