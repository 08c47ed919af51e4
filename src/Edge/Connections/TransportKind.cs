namespace Edge.Connections;

/// <summary>What carries the gateway's connections: the setting <c>gateway.transport</c>.</summary>
internal enum TransportKind
{
    /// <summary>Event loops of our own, on which a request stays on one thread.</summary>
    Epoll,

    /// <summary>The framework's sockets and its thread pool.</summary>
    Sockets,
}
