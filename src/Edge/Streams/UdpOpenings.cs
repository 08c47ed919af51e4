using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Edge.Streams;

/// <summary>The clients of a UDP port of whom it is not known yet whether they may use it, or where their datagrams go: both may have to be looked up, and others do not wait for it.</summary>
/// <param name="time">The clock.</param>
/// <param name="failed">Told of a destination that cannot be found.</param>
internal sealed class UdpOpenings(TimeProvider time, Action<StreamDestination, string> failed)
{
    /// <summary>How many at once. Each holds the datagram that it came with.</summary>
    public const int Most = 256;

    // What is answered later would find nobody who still waits.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<UdpPair, bool> _open = new();
    private int _count;

    /// <summary>Whether there is room for another.</summary>
    public bool HasRoom => Volatile.Read(ref _count) < Most;

    /// <summary>Begins with a client. False while its first datagram is still being looked into: what it says meanwhile is lost, as datagrams may be.</summary>
    public bool TryBegin(UdpPair pair)
    {
        if (!_open.TryAdd(pair, true))
        {
            return false;
        }

        Interlocked.Increment(ref _count);
        return true;
    }

    /// <summary>It has a session now, or gets none.</summary>
    public void End(UdpPair pair)
    {
        _open.TryRemove(pair, out _);
        Interlocked.Decrement(ref _count);
    }

    /// <summary>Where a client's datagrams go; null where they go nowhere.</summary>
    /// <param name="may">Whether it may use the port.</param>
    /// <param name="route">The service.</param>
    /// <param name="cancel">The port is closed.</param>
    /// <exception cref="OperationCanceledException">The port was closed, or it took too long.</exception>
    public async ValueTask<IPEndPoint?> FindAsync(ValueTask<bool> may, StreamRoute route, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        return await may.AsTask().WaitAsync(either.Token).ConfigureAwait(false) ? await DestinationAsync(route, either.Token).ConfigureAwait(false) : null;
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
            Fail(destination, unknown.Message);
            return null;
        }
        catch (OperationCanceledException)
        {
            Fail(destination, $"no answer within {Patience}");
            throw;
        }
    }

    private void Fail(StreamDestination destination, string reason)
    {
        if (!destination.Rests(time))
        {
            failed(destination, reason);
        }

        destination.Failed(time, StreamDestinations.Rest);
    }
}
