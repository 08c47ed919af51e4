using System.Collections.Concurrent;
using Edge.Observability.Requests;

namespace Edge.Observability.Metrics;

/// <summary>Counts requests by route. Clients are not told apart, and neither are hosts: strangers may ask for as many as they like.</summary>
internal sealed class RequestMetrics
{
    // Routes of services that come and go under ever new names are forgotten some time after they went.
    private const int ForgetBeyond = 1000;

    private readonly ConcurrentDictionary<string, RouteCounts> _routes = new(StringComparer.Ordinal);
    private readonly RouteCounts _without = new();
    private readonly long[] _rejected = new long[600];
    private long _inFlight;

    /// <summary>Requests that are being served now.</summary>
    public long InFlight => Volatile.Read(ref _inFlight);

    /// <summary>The requests that found no route: redirects, pages of unknown hosts, DNS over HTTPS.</summary>
    public RouteCounts WithoutRoute => _without;

    /// <summary>The routes that were taken.</summary>
    public IEnumerable<KeyValuePair<string, RouteCounts>> Routes => _routes;

    public void Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>It will begin again elsewhere, and end there.</summary>
    public void Withdraw() => Interlocked.Decrement(ref _inFlight);

    public void End(RequestRecord record)
    {
        Interlocked.Decrement(ref _inFlight);
        CountsOf(record).Add(record);
    }

    /// <summary>A request was answered by the web server itself; it ends like all others as well.</summary>
    public void Reject(int status) => Interlocked.Increment(ref _rejected[Math.Clamp(status, 0, _rejected.Length - 1)]);

    /// <summary>The statuses of those, and how often.</summary>
    public IEnumerable<(int Status, long Count)> Rejected() =>
        _rejected.Select((_, status) => (status, Volatile.Read(ref _rejected[status]))).Where(pair => pair.Item2 > 0);

    /// <summary>Forgets routes that are no more, once there are many of them.</summary>
    /// <param name="count">How many routes there are.</param>
    /// <param name="names">Gives their names, which is seldom asked for.</param>
    public void Forget(int count, Func<IReadOnlySet<string>> names)
    {
        if (_routes.Count <= count + ForgetBeyond)
        {
            return;
        }

        var there = names();
        foreach (var (route, _) in _routes)
        {
            if (!there.Contains(route) && _routes.TryRemove(route, out var counts))
            {
                counts.IsKept = false;
            }
        }
    }

    private RouteCounts CountsOf(RequestRecord record)
    {
        if (record.Counts is { IsKept: true } counts)
        {
            return counts;
        }

        return record.Taken is { } route ? route.Counts = Keep(route) : record.Route is { } name ? _routes.GetOrAdd(name, static _ => new RouteCounts()) : _without;
    }

    // Those of another route of this name, where there is one. What was forgotten begins anew.
    private RouteCounts Keep(CountedRoute route)
    {
        var counts = _routes.GetOrAdd(route.Id, route.Counts is { IsEmpty: true } own ? own : new RouteCounts());
        counts.IsKept = true;
        if (!_routes.TryGetValue(route.Id, out var there) || there != counts)
        {
            // Forgotten at this moment: the next request looks again.
            counts.IsKept = false;
        }

        return counts;
    }
}
