using System.Collections.Concurrent;
using System.Net;

namespace Edge.Gateway.Straight;

/// <summary>The connections to all hosts and ports: services behind the same one share them.</summary>
/// <param name="loops">How many event loops there are.</param>
/// <param name="watch">Looks after the connections.</param>
internal sealed class StraightPools(int loops, StraightWatch watch)
{
    // Addresses come and go with containers: those without a connection are let go of now and then.
    private const int MostUnlooked = 1024;

    private readonly ConcurrentDictionary<DnsEndPoint, StraightConnections> _all = new();
    private int _made;

    public StraightConnections To(string host, int port)
    {
        if (Interlocked.Increment(ref _made) % MostUnlooked == 0)
        {
            foreach (var (address, connections) in _all.Where(pair => pair.Value.Open == 0))
            {
                // Who still holds it goes on with it alone.
                _all.TryRemove(new(address, connections));
            }
        }

        return _all.GetOrAdd(new DnsEndPoint(host, port), address => new StraightConnections(address, loops, watch));
    }
}
