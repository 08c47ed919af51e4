using System.Net;
using System.Net.Sockets;

namespace Edge.Streams;

/// <summary>
/// The datagrams of one client: a socket connected to the client, bound to the address it wrote to, so that answers
/// come from there, and one connected to the destination. The kernel hands the client's datagrams to the connected socket
/// rather than to the listener's.
/// </summary>
internal sealed class UdpSession : IDisposable
{
    private const int LargestDatagram = 65535;

    private readonly Socket _client;
    private readonly Socket _destination;
    private readonly IDisposable? _known;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private long _moved;
    private int _answers;

    /// <exception cref="SocketException">A socket cannot be had.</exception>
    public UdpSession(IPEndPoint client, IPEndPoint local, IPEndPoint destination, OwnConnections own, TimeProvider time)
    {
        _time = time;
        _moved = time.GetTimestamp();
        _client = new Socket(client.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _destination = new Socket(destination.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            _client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _client.Bind(local);
            _client.Connect(client);
            _destination.Connect(destination);
            _known = own.While(_destination.LocalEndPoint as IPEndPoint);
        }
        catch
        {
            Dispose();
            throw;
        }

        _ = CarryAsync(_client, _destination, answers: false);
        _ = CarryAsync(_destination, _client, answers: true);
    }

    /// <summary>How long nothing has moved.</summary>
    public TimeSpan Idle => _time.GetElapsedTime(Volatile.Read(ref _moved));

    /// <summary>Whether the destination has said anything: until then the client may not be who it says.</summary>
    public bool IsAnswered => Volatile.Read(ref _answers) > 0;

    /// <summary>Passes on a datagram that came to the listener's socket, before the kernel knew of this session.</summary>
    public void Send(ReadOnlySpan<byte> datagram)
    {
        Volatile.Write(ref _moved, _time.GetTimestamp());
        try
        {
            _destination.Send(datagram, SocketFlags.None);
        }
        catch (Exception lost) when (lost is SocketException or ObjectDisposedException)
        {
            // Datagrams may be lost.
        }
    }

    public void Dispose()
    {
        _ending.Cancel();
        _known?.Dispose();
        _client.Dispose();
        _destination.Dispose();
    }

    private async Task CarryAsync(Socket from, Socket to, bool answers)
    {
        await Task.Yield();
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                // Nothing is held while nothing comes.
                await from.ReceiveAsync(Memory<byte>.Empty, SocketFlags.Peek, _ending.Token).ConfigureAwait(false);
                await CarryOneAsync(from, to).ConfigureAwait(false);
                Volatile.Write(ref _moved, _time.GetTimestamp());
                if (answers)
                {
                    Volatile.Write(ref _answers, 1);
                }
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // Port unreachable (ICMP) is told at the next call; the destination may come back. Not in a tight loop.
                await Task.Delay(TimeSpan.FromMilliseconds(10), _time, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask CarryOneAsync(Socket from, Socket to)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(LargestDatagram);
        try
        {
            var length = await from.ReceiveAsync(buffer, SocketFlags.None, _ending.Token).ConfigureAwait(false);
            await to.SendAsync(buffer.AsMemory(0, length), SocketFlags.None, _ending.Token).ConfigureAwait(false);
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
