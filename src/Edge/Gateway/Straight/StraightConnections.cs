using System.Collections.Concurrent;
using System.Net;
using Edge.Connections;

namespace Edge.Gateway.Straight;

/// <summary>
/// The connections to one host and port. Those at rest lie apart for each event loop: one at hand, the others in a stack with the last
/// used on top. Of many destinations each mostly has the one, and a stack would make an object for each rest, which the collector has to
/// look for in old memory.
/// </summary>
internal sealed class StraightConnections
{
    private readonly ConcurrentStack<StraightConnection>[] _resting;
    private readonly StraightConnection?[] _atHand;
    private readonly StraightWatch _watch;
    private string? _address;
    private int _open;

    /// <param name="endPoint">Where they lead.</param>
    /// <param name="loops">How many event loops there are.</param>
    /// <param name="watch">Looks after them.</param>
    public StraightConnections(DnsEndPoint endPoint, int loops, StraightWatch watch)
    {
        (EndPoint, _watch) = (endPoint, watch);
        Root = new StraightDestination(this, []);
        _atHand = new StraightConnection?[loops];
        _resting = [.. Enumerable.Range(0, loops).Select(_ => new ConcurrentStack<StraightConnection>())];
    }

    public DnsEndPoint EndPoint { get; }

    /// <summary>The way to a destination without a path, the same for all services behind this host and port.</summary>
    public StraightDestination Root { get; }

    /// <summary>How many there are, at work or at rest.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>The URL of a destination that is reached here: those that say the same have one string.</summary>
    public string Shared(string address)
    {
        var first = _address ??= address;
        return first == address ? first : address;
    }

    /// <summary>One that has carried requests before, if there is one: of the loop of this thread, or else of another.</summary>
    public StraightConnection? Take(long now)
    {
        var own = EventLoop.Current?.Number ?? 0;
        for (var i = 0; i < _resting.Length; i++)
        {
            var loop = (own + i) % _resting.Length;
            while (TakeResting(loop) is { } connection)
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

    public void Rest(StraightConnection connection)
    {
        var loop = connection.Loop.Number;
        if (Interlocked.CompareExchange(ref _atHand[loop], connection, null) is not null)
        {
            _resting[loop].Push(connection);
        }
    }

    public bool IsOld(StraightConnection connection, long now) => _watch.IsOld(connection, now);

    public void Forget(StraightConnection connection)
    {
        Interlocked.Decrement(ref _open);
        _watch.Remove(connection);
    }

    /// <summary>Lets go of those at rest that are closed, which lie below the ones in use for as long as nobody looks.</summary>
    public void Sweep()
    {
        for (var loop = 0; loop < _atHand.Length; loop++)
        {
            if (Volatile.Read(ref _atHand[loop]) is { IsOver: true } gone)
            {
                Interlocked.CompareExchange(ref _atHand[loop], null, gone);
            }
        }

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

    private StraightConnection? TakeResting(int loop) =>
        Interlocked.Exchange(ref _atHand[loop], null) ?? (_resting[loop].TryPop(out var connection) ? connection : null);
}
