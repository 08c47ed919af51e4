using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Edge.Streams;

/// <summary>The clients of a UDP port of whom it is not known yet whether they may use it, or where their datagrams go: both may have to be looked up, and others do not wait for it.</summary>
/// <param name="clients">Knows who may use what.</param>
/// <param name="time">The clock.</param>
/// <param name="failed">Told of a destination that cannot be found.</param>
internal sealed class UdpOpenings(StreamClients clients, TimeProvider time, Action<StreamDestination, string> failed)
{
    // Each holds the datagram that it came with.
    private const int Most = 256;

    private readonly ConcurrentDictionary<IPEndPoint, bool> _open = new();

    /// <summary>Where a client's datagrams go.</summary>
    /// <returns>Null where they go nowhere; also while the same client's first datagram is still being looked into: what it says meanwhile is lost, as datagrams may be.</returns>
    /// <exception cref="OperationCanceledException">The port was closed.</exception>
    public async ValueTask<IPEndPoint?> FindAsync(IPEndPoint client, StreamRoute route, CancellationToken cancel)
    {
        if (_open.Count >= Most || !_open.TryAdd(client, true))
        {
            return null;
        }

        try
        {
            return await clients.MayUseAsync(client, route, cancel).ConfigureAwait(false) ? await DestinationAsync(route, cancel).ConfigureAwait(false) : null;
        }
        finally
        {
            _open.TryRemove(client, out _);
        }
    }

    private async ValueTask<IPEndPoint?> DestinationAsync(StreamRoute route, CancellationToken cancel)
    {
        foreach (var destination in route.Destinations.InTurn(time))
        {
            if (IPAddress.TryParse(destination.Host, out var address) || (address = await AddressAsync(destination, cancel).ConfigureAwait(false)) is not null)
            {
                return new IPEndPoint(address, destination.Port);
            }
        }

        return null;
    }

    private async ValueTask<IPAddress?> AddressAsync(StreamDestination destination, CancellationToken cancel)
    {
        try
        {
            var found = await System.Net.Dns.GetHostAddressesAsync(destination.Host, cancel).ConfigureAwait(false);
            destination.Succeeded();
            return found[0];
        }
        catch (SocketException unknown)
        {
            if (!destination.Rests(time))
            {
                failed(destination, unknown.Message);
            }

            destination.Failed(time, StreamDestinations.Rest);
            return null;
        }
    }
}
