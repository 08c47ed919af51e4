using System.Collections.Concurrent;
using System.Net;

namespace Edge.Streams;

/// <summary>The near ends of the connections made here: what arrives from one of them has gone in a circle.</summary>
internal sealed class OwnConnections
{
    private readonly ConcurrentDictionary<IPEndPoint, bool> _ends = new();

    /// <summary>Knows a connection until the result is disposed.</summary>
    public IDisposable? While(IPEndPoint? local) => local is null ? null : new Known(this, Plain(local));

    public bool Contains(IPEndPoint? remote) => remote is not null && !_ends.IsEmpty && _ends.ContainsKey(Plain(remote));

    private sealed class Known : IDisposable
    {
        private readonly OwnConnections _all;
        private readonly IPEndPoint _local;

        public Known(OwnConnections all, IPEndPoint local)
        {
            (_all, _local) = (all, local);
            all._ends[local] = true;
        }

        public void Dispose() => _all._ends.TryRemove(_local, out _);
    }

    private static IPEndPoint Plain(IPEndPoint end) => end.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(end.Address.MapToIPv4(), end.Port) : end;
}
