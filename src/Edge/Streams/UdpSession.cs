using System.Buffers;
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

    private readonly UdpPair _pair;
    private readonly UdpTake _handBack;
    private readonly SocketAddress _sender;
    private readonly SocketAddress _expected;
    private readonly Socket _client;
    private readonly Socket _destination;
    private readonly IDisposable? _known;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private long _moved;
    private int _answers;

    /// <param name="pair">The client, and the address that it wrote to.</param>
    /// <param name="destination">Where its datagrams go.</param>
    /// <param name="own">The near ends of all sessions to destinations.</param>
    /// <param name="handBack">Takes datagrams of others.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="SocketException">A socket cannot be had.</exception>
    public UdpSession(UdpPair pair, IPEndPoint destination, OwnConnections own, UdpTake handBack, TimeProvider time)
    {
        (_pair, _handBack, _time) = (pair, handBack, time);
        (_expected, _sender) = (pair.Client.Serialize(), new SocketAddress(pair.Client.AddressFamily));
        _moved = time.GetTimestamp();
        _client = new Socket(pair.Client.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _destination = new Socket(destination.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            _client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _client.Bind(pair.Asked);
            _client.Connect(pair.Client);
            _destination.Connect(destination);
            _known = own.While(_destination.LocalEndPoint as IPEndPoint);
        }
        catch
        {
            Dispose();
            throw;
        }

        _ = CarryAsync(_client, answers: false);
        _ = CarryAsync(_destination, answers: true);
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

    private async Task CarryAsync(Socket from, bool answers)
    {
        await Task.Yield();
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                // Nothing is held while nothing comes.
                await from.ReceiveAsync(Memory<byte>.Empty, SocketFlags.Peek, _ending.Token).ConfigureAwait(false);
                await (answers ? AnswerAsync() : AskAsync()).ConfigureAwait(false);
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

    // Between the moment in which the socket is bound and that in which it is connected it takes what any client sends.
    private async ValueTask AskAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LargestDatagram);
        try
        {
            var length = await _client.ReceiveFromAsync(buffer, SocketFlags.None, _sender, _ending.Token).ConfigureAwait(false);
            if (_sender.Equals(_expected) || (IPEndPoint)_pair.Client.Create(_sender) is var sender && sender.Equals(_pair.Client))
            {
                await _destination.SendAsync(buffer.AsMemory(0, length), SocketFlags.None, _ending.Token).ConfigureAwait(false);
            }
            else
            {
                _handBack(buffer.AsSpan(0, length), _pair with { Client = sender });
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask AnswerAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LargestDatagram);
        try
        {
            var length = await _destination.ReceiveAsync(buffer, SocketFlags.None, _ending.Token).ConfigureAwait(false);
            await _client.SendAsync(buffer.AsMemory(0, length), SocketFlags.None, _ending.Token).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
