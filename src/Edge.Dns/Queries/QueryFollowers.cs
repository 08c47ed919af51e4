namespace Edge.Dns.Queries;

/// <summary>Those who see queries as they come.</summary>
internal sealed class QueryFollowers(QueryWords words)
{
    private readonly Lock _gate = new();
    private volatile QueryFollower[] _all = [];

    public QueryFollower Add(QueryFilter filter)
    {
        lock (_gate)
        {
            var follower = new QueryFollower(filter, Remove);
            _all = [.. _all, follower];
            return follower;
        }
    }

    /// <summary>Shows a query to those who want to see it.</summary>
    public void Show(ref QuerySlot slot)
    {
        RecordedQuery? query = null;
        foreach (var follower in _all)
        {
            if (follower.Filter.Takes(ref slot))
            {
                follower.Show(query ??= words.Read(ref slot));
            }
        }
    }

    /// <summary>Nothing comes any more.</summary>
    public void End()
    {
        foreach (var follower in _all)
        {
            follower.Dispose();
        }
    }

    private void Remove(QueryFollower follower)
    {
        lock (_gate)
        {
            _all = [.. _all.Where(other => other != follower)];
        }
    }
}
