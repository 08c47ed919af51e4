namespace Edge.Services;

/// <summary>How a service is forwarded that is not HTTP to us.</summary>
internal enum StreamProtocol
{
    /// <summary>A port of its own; what comes in goes on as it is.</summary>
    Tcp,

    /// <summary>TLS that the service itself ends: found by the server name of the ClientHello.</summary>
    Tls,

    /// <summary>A port of its own for datagrams.</summary>
    Udp,
}
