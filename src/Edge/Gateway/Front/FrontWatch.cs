using System.Collections.Concurrent;

namespace Edge.Gateway.Front;

/// <summary>Ends connections over which nothing has been asked for a while, as the web server does with those that it serves.</summary>
internal sealed class FrontWatch : IDisposable
{
    /// <summary>So long a connection may rest, and one that is new be silent: the web server's time.</summary>
    public static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(130);

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<IFrontConnection, bool> _all = new(ReferenceEqualityComparer.Instance);
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private int _armed;
    private volatile bool _over;

    public FrontWatch(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static watch => ((FrontWatch)watch!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The time as a timestamp.</summary>
    public long Now => _time.GetTimestamp();

    /// <summary>Connections that the front serves.</summary>
    public int Count => _all.Count;

    public void Add(IFrontConnection connection)
    {
        _all[connection] = true;
        Arm();
    }

    public void Remove(IFrontConnection connection) => _all.TryRemove(connection, out _);

    public void Dispose()
    {
        _over = true;
        _timer.Dispose();
    }

    private void Look()
    {
        Volatile.Write(ref _armed, 0);
        var now = Now;
        foreach (var (connection, _) in _all)
        {
            connection.Look(_time, now);
        }

        if (!_all.IsEmpty)
        {
            Arm();
        }
    }

    private void Arm()
    {
        if (!_over && Interlocked.Exchange(ref _armed, 1) == 0)
        {
            _timer.Change(Pace, Timeout.InfiniteTimeSpan);
        }
    }
}
