namespace Edge.Dns.Listeners;

/// <summary>What the listeners allow.</summary>
public sealed record ListenerOptions
{
    /// <summary>Threads, each with a socket of its own, for every UDP address. One per core is the most that helps.</summary>
    public int UdpThreads { get; init; } = Environment.ProcessorCount;

    /// <summary>UDP queries of one address that wait for an upstream; more are dropped, and clients ask again.</summary>
    public int MaxDeferredUdp { get; init; } = 2048;

    /// <summary>TCP connections of one address that are open at once.</summary>
    public int MaxConnections { get; init; } = 2048;

    /// <summary>TCP connections of one client to one address.</summary>
    public int MaxConnectionsPerClient { get; init; } = 64;

    /// <summary>TCP queries of one connection that wait for an upstream; reading pauses while there are as many.</summary>
    public int MaxDeferredPerConnection { get; init; } = 64;

    /// <summary>
    /// How long a TCP connection may go without a complete query (RFC 7766 §6.2.3). Single bytes do not count: a
    /// length whose query never comes ends here too.
    /// </summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
