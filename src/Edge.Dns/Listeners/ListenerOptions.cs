using System.Net;
using System.Net.Sockets;

namespace Edge.Dns.Listeners;

/// <summary>What the listeners allow.</summary>
public sealed record ListenerOptions
{
    /// <summary>A socket for an endpoint that another process has left, ready to be used; null where there is none.</summary>
    public Func<ProtocolType, IPEndPoint, Socket?> Inherited { get; init; } = static (_, _) => null;

    /// <summary>Is told of every TCP socket that was opened.</summary>
    public Action<Socket> Opened { get; init; } = static _ => { };

    /// <summary>Threads, each with a socket of its own, for every UDP address. One per core is the most that helps.</summary>
    public int UdpThreads { get; init; } = Environment.ProcessorCount;

    /// <summary>UDP queries of one address that wait for an upstream; more are dropped, and clients ask again.</summary>
    public int MaxDeferredUdp { get; init; } = 2048;

    /// <summary>
    /// Threads that serve the TCP connections of every address, on Linux; 0 leaves all of them to tasks. One per core is
    /// the most that helps.
    /// </summary>
    public int StreamThreads { get; init; } = Environment.ProcessorCount;

    /// <summary>TCP connections of one address that are open at once; one more ends the one that rests longest.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>The same for connections under TLS, each of which takes some 50 KB while it rests.</summary>
    public int MaxTlsConnections { get; init; } = 2000;

    /// <summary>TCP connections of one client to one address.</summary>
    public int MaxConnectionsPerClient { get; init; } = 100;

    /// <summary>TCP queries of one connection that wait for an upstream; reading pauses while there are as many.</summary>
    public int MaxDeferredPerConnection { get; init; } = 64;

    /// <summary>
    /// How long a TCP connection may go without a complete query (RFC 7766 §6.2.3). Single bytes do not count: a
    /// length whose query never comes ends here too.
    /// </summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
