namespace Edge.Dns.Resolver.Recursion;

/// <summary>Counts since start.</summary>
internal sealed class RecursionCounters
{
    private long _queries;
    private long _tcpQueries;
    private long _timeouts;
    private long _lame;
    private long _merged;

    public long Queries => Interlocked.Read(ref _queries);

    public long TcpQueries => Interlocked.Read(ref _tcpQueries);

    public long Timeouts => Interlocked.Read(ref _timeouts);

    public long Lame => Interlocked.Read(ref _lame);

    public long Merged => Interlocked.Read(ref _merged);

    public void OnQuery(bool overTcp)
    {
        Interlocked.Increment(ref _queries);
        if (overTcp)
        {
            Interlocked.Increment(ref _tcpQueries);
        }
    }

    public void OnTimeout() => Interlocked.Increment(ref _timeouts);

    public void OnLame() => Interlocked.Increment(ref _lame);

    public void OnMerged() => Interlocked.Increment(ref _merged);
}
