using System.Collections.Concurrent;
using System.Net;
using Edge.Connections;

namespace Edge.Gateway.Straight;

/// <summary>The connections to one host and port. Those at rest lie apart for each event loop, the last used on top.</summary>
internal sealed class StraightConnections
{
    private readonly ConcurrentStack<StraightConnection>[] _resting;
    private readonly StraightWatch _watch;
    private int _open;

    /// <param name="endPoint">Where they lead.</param>
    /// <param name="loops">How many event loops there are.</param>
    /// <param name="watch">Looks after them.</param>
    public StraightConnections(DnsEndPoint endPoint, int loops, StraightWatch watch)
    {
        (EndPoint, _watch) = (endPoint, watch);
        _resting = [.. Enumerable.Range(0, loops).Select(_ => new ConcurrentStack<StraightConnection>())];
    }

    public DnsEndPoint EndPoint { get; }

    /// <summary>How many there are, at work or at rest.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>One that has carried requests before, if there is one: of the loop of this thread, or else of another.</summary>
    public StraightConnection? Take(long now)
    {
        var own = EventLoop.Current?.Number ?? 0;
        for (var i = 0; i < _resting.Length; i++)
        {
            var stack = _resting[(own + i) % _resting.Length];
            while (stack.TryPop(out var connection))
            {
                if (connection.TryWake(now))
                {
                    return connection;
                }
            }
        }

        return null;
    }

    /// <summary>Takes in a connection that was just made.</summary>
    public StraightConnection Add(LoopSocket socket, long now)
    {
        var connection = new StraightConnection(socket, this, now);
        Interlocked.Increment(ref _open);
        _watch.Add(connection);
        return connection;
    }

    public void Rest(StraightConnection connection) => _resting[connection.Loop.Number].Push(connection);

    public bool IsOld(StraightConnection connection, long now) => _watch.IsOld(connection, now);

    public void Forget(StraightConnection connection)
    {
        Interlocked.Decrement(ref _open);
        _watch.Remove(connection);
    }

    /// <summary>Lets go of those at rest that are closed, which lie below the ones in use for as long as nobody looks.</summary>
    public void Sweep()
    {
        foreach (var stack in _resting)
        {
            var all = new StraightConnection[stack.Count];
            var count = stack.TryPopRange(all);
            for (var i = count - 1; i >= 0; i--)
            {
                if (!all[i].IsWorking && !all[i].IsOver)
                {
                    stack.Push(all[i]);
                }
            }
        }
    }
}
