using System.Collections.Immutable;
using System.Net;
using Edge.Connections;

namespace Edge.Streams;

/// <summary>What the streams need to know of the gateway.</summary>
internal sealed record StreamOptions
{
    /// <summary>Where a service listens that names only a port.</summary>
    public required ImmutableArray<IPAddress> Addresses { get; init; }

    /// <summary>Where Edge itself listens for TCP: no stream may lead there.</summary>
    public ImmutableArray<IPEndPoint> Listeners { get; init; } = [];

    /// <summary>The proxies in front of us: each of their connections begins with a PROXY protocol header, and nobody else's may.</summary>
    public ImmutableArray<IPNetwork> Proxies { get; init; } = [];

    /// <summary>Sockets that another process has left.</summary>
    public ListeningSockets Sockets { get; init; } = new();

    public bool IsProxy(IPEndPoint? remote)
    {
        if (Proxies.IsEmpty || remote is null)
        {
            return false;
        }

        var address = remote.Address.IsIPv4MappedToIPv6 ? remote.Address.MapToIPv4() : remote.Address;
        return Proxies.Any(network => network.Contains(address));
    }
}
