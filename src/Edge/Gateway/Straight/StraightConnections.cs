using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Edge.Connections;

namespace Edge.Gateway.Straight;

/// <summary>The connections to one destination. Those at rest lie apart for each event loop, the last used on top.</summary>
internal sealed class StraightConnections
{
    private readonly ConcurrentStack<StraightConnection>[] _resting;
    private readonly StraightWatch _watch;

    /// <param name="address">The destination's URL.</param>
    /// <param name="loops">How many event loops there are.</param>
    /// <param name="watch">Looks after its connections.</param>
    public StraightConnections(string address, int loops, StraightWatch watch)
    {
        _watch = watch;
        _resting = [.. Enumerable.Range(0, loops).Select(_ => new ConcurrentStack<StraightConnection>())];
        if (Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp && uri.Query.Length == 0 && uri.UserInfo.Length == 0)
        {
            EndPoint = new DnsEndPoint(uri.IdnHost.Trim('[', ']'), uri.Port);
            PathPrefix = Encoding.ASCII.GetBytes(uri.AbsolutePath.EndsWith('/') ? uri.AbsolutePath[..^1] : uri.AbsolutePath);
        }
    }

    /// <summary>Where it is; null when it is not plain HTTP.</summary>
    public DnsEndPoint? EndPoint { get; }

    /// <summary>What stands before the path of each request, without a slash at its end.</summary>
    public byte[] PathPrefix { get; } = [];

    /// <summary>One that has carried requests before, if there is one: of the loop of this thread, or else of another.</summary>
    public StraightConnection? Take()
    {
        var own = EventLoop.Current?.Number ?? 0;
        for (var i = 0; i < _resting.Length; i++)
        {
            var stack = _resting[(own + i) % _resting.Length];
            while (stack.TryPop(out var connection))
            {
                if (connection.TryWake())
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
        _watch.Add(connection);
        return connection;
    }

    public void Rest(StraightConnection connection) => _resting[connection.Loop.Number].Push(connection);

    public void Forget(StraightConnection connection) => _watch.Remove(connection);

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
