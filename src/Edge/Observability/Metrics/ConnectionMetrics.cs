namespace Edge.Observability.Metrics;

/// <summary>Counts the connections of one kind of listener and their TLS handshakes.</summary>
internal sealed class ConnectionMetrics
{
    private long _accepted;
    private long _open;
    private long _begun;
    private long _completed;

    public long Accepted => Volatile.Read(ref _accepted);

    public long Open => Volatile.Read(ref _open);

    public long HandshakesBegun => Volatile.Read(ref _begun);

    public long HandshakesCompleted => Volatile.Read(ref _completed);

    public void Enter()
    {
        Interlocked.Increment(ref _accepted);
        Interlocked.Increment(ref _open);
    }

    public void Leave() => Interlocked.Decrement(ref _open);

    public void HandshakeBegins() => Interlocked.Increment(ref _begun);

    public void HandshakeEnds() => Interlocked.Increment(ref _completed);
}
