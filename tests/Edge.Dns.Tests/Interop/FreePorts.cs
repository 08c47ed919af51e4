using System.Net;
using System.Net.Sockets;

namespace Edge.Dns.Tests.Interop;

/// <summary>
/// Ports for servers that are started later. They lie below those that the kernel gives to outgoing connections (32768 and
/// up on Linux): one of these would be taken by any other test's client before the server has started. The tests of the
/// whole program use it too.
/// </summary>
public static class FreePorts
{
    private const int First = 20_000;
    private const int Count = 12_768;

    // Two test runs on one machine begin at different places.
    private static int _next = Random.Shared.Next(Count);

    /// <summary>A port of the loopback, free for UDP and TCP alike, which this process has not been given before.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _next) % Count);
            try
            {
                using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                udp.Bind(new IPEndPoint(IPAddress.Loopback, port));
                tcp.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }
    }
}
