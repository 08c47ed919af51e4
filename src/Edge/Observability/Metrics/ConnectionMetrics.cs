namespace Edge.Observability.Metrics;

/// <summary>Counts the connections of one kind of listener and their TLS handshakes.</summary>
internal sealed class ConnectionMetrics
{
    private long _accepted;
    private long _open;
    private long _silent;
    private long _begun;
    private long _completed;

    public long Accepted => Volatile.Read(ref _accepted);

    public long Open => Volatile.Read(ref _open);

    /// <summary>Those that are open and over which no request has come yet.</summary>
    public long Silent => Volatile.Read(ref _silent);

    public long HandshakesBegun => Volatile.Read(ref _begun);

    public long HandshakesCompleted => Volatile.Read(ref _completed);

    public void Enter()
    {
        Interlocked.Increment(ref _accepted);
        Interlocked.Increment(ref _open);
        Interlocked.Increment(ref _silent);
    }

    /// <summary>The first request of a connection has come.</summary>
    public void Ask() => Interlocked.Decrement(ref _silent);

    /// <param name="hasAsked">Whether a request has come.</param>
    public void Leave(bool hasAsked)
    {
        Interlocked.Decrement(ref _open);
        if (!hasAsked)
        {
            Interlocked.Decrement(ref _silent);
        }
    }

    public void HandshakeBegins() => Interlocked.Increment(ref _begun);

    public void HandshakeEnds() => Interlocked.Increment(ref _completed);
}
