using System.Collections.Concurrent;

namespace Edge.Gateway.Straight;

/// <summary>Looks at all connections once a second, while there are any: ends requests in which nothing moves, and closes what has rested long enough.</summary>
internal sealed class StraightWatch : IDisposable
{
    /// <summary>So long a connection may rest, and carry requests: a destination's name is looked up again when its address may have changed.</summary>
    public static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(1), LongestUse = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<StraightConnection, bool> _all = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private int _armed;
    private volatile bool _over;

    public StraightWatch(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static watch => ((StraightWatch)watch!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count => _all.Count;

    public void Add(StraightConnection connection)
    {
        _all[connection] = true;
        Arm();
        if (_over)
        {
            connection.Break(BreakReason.Shutdown);
        }
    }

    public void Remove(StraightConnection connection) => _all.TryRemove(connection, out _);

    /// <summary>Whether a connection is too old for another request.</summary>
    public bool IsOld(StraightConnection connection, long now) => _time.GetElapsedTime(connection.Opened, now) >= LongestUse;

    public void Dispose()
    {
        _over = true;
        _timer.Dispose();
        foreach (var connection in _all.Keys)
        {
            connection.CloseResting();
            connection.Break(BreakReason.Shutdown);
        }
    }

    private void Look()
    {
        Volatile.Write(ref _armed, 0);
        var now = _time.GetTimestamp();
        var emptied = new HashSet<StraightConnections>();
        foreach (var connection in _all.Keys)
        {
            if (connection.IsWorking)
            {
                if (now - connection.Touched > connection.Patience)
                {
                    connection.Break(BreakReason.Silence);
                }
            }
            else if (_time.GetElapsedTime(connection.Touched, now) >= LongestRest || IsOld(connection, now))
            {
                connection.CloseResting();
                emptied.Add(connection.Home);
            }
        }

        foreach (var home in emptied)
        {
            home.Sweep();
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
