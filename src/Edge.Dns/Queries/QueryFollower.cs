using System.Threading.Channels;

namespace Edge.Dns.Queries;

/// <summary>Somebody who sees queries as they come. Disposing it ends that.</summary>
public sealed class QueryFollower : IDisposable
{
    private const int Waiting = 1000;

    private readonly Action<QueryFollower> _remove;
    private readonly Channel<RecordedQuery> _queries;
    private long _missed;

    internal QueryFollower(QueryFilter filter, Action<QueryFollower> remove)
    {
        (Filter, _remove) = (filter, remove);
        var options = new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true };
        _queries = Channel.CreateBounded<RecordedQuery>(options, _ => Interlocked.Increment(ref _missed));
    }

    /// <summary>The queries, until the log ends.</summary>
    public ChannelReader<RecordedQuery> Queries => _queries.Reader;

    /// <summary>How many were not shown so far since nobody took them in time.</summary>
    public long Missed => Interlocked.Read(ref _missed);

    internal QueryFilter Filter { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _remove(this);
        _queries.Writer.TryComplete();
    }

    internal void Show(RecordedQuery query) => _queries.Writer.TryWrite(query);
}
