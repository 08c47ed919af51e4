using System.Net;
using System.Net.Sockets;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>
/// A socket for a few dozen queries to one upstream. The kernel picks its port at random (RFC 5452 §9.2); being
/// connected it takes datagrams from the upstream only and hears of ICMP errors.
/// </summary>
internal sealed class UdpSocket : IDisposable
{
    /// <summary>Queries for which one port is used: a new one costs five system calls.</summary>
    private const int Places = 64;

    private readonly Socket _socket;
    private readonly DatagramPump _pump;
    private readonly ushort[] _ids = new ushort[Places];
    private readonly UpstreamAttempt?[] _waiting = new UpstreamAttempt?[Places];
    private int _used;
    private int _open;
    private bool _retired;

    private UdpSocket(Socket socket, DatagramPump pump)
    {
        _socket = socket;
        _pump = pump;
    }

    /// <summary>Under which the pump knows it.</summary>
    public long Number { get; set; }

    public SafeSocketHandle Handle => _socket.SafeHandle;

    /// <summary>A socket that leads to the upstream.</summary>
    /// <exception cref="SocketException">The network cannot be reached, or there are no sockets.</exception>
    public static UdpSocket Open(IPEndPoint upstream, DatagramPump pump)
    {
        var socket = new Socket(upstream.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        try
        {
            socket.Connect(upstream);
            var opened = new UdpSocket(socket, pump);
            return pump.TryAdd(opened) ? opened : throw new SocketException((int)SocketError.TooManyOpenSockets);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes a place for the attempt and gives its query an ID nobody else has here; false when all places were used.</summary>
    public bool TryTake(UpstreamAttempt attempt)
    {
        lock (_ids)
        {
            if (_retired || _used == Places)
            {
                return false;
            }

            while (_ids.AsSpan(0, _used).Contains(attempt.Query.Id))
            {
                attempt.Query.ChangeId();
            }

            _ids[_used] = attempt.Query.Id;
            Volatile.Write(ref _waiting[_used], attempt);
            _used++;
            _open++;
            attempt.Place = this;
            return true;
        }
    }

    /// <summary>Sends the query of an attempt that has a place; says why when the system refuses.</summary>
    public SocketError Send(UpstreamAttempt attempt)
    {
        _socket.Send(attempt.Query.Wire, SocketFlags.None, out var error);
        return error;
    }

    /// <summary>Gives the place of an attempt back; true when the attempt still had it.</summary>
    public bool Release(UpstreamAttempt attempt)
    {
        lock (_ids)
        {
            var place = Array.IndexOf(_waiting, attempt, 0, _used);
            return place >= 0 && Release(place);
        }
    }

    /// <summary>No further queries: it closes when the last one that waits is over.</summary>
    public void Retire()
    {
        lock (_ids)
        {
            _retired = true;
            CloseIfDone();
        }
    }

    /// <summary>Reads one datagram and gives it to whom it belongs. Called by the pump.</summary>
    public void Receive(byte[] buffer)
    {
        int length;
        SocketError error;
        try
        {
            length = _socket.Receive(buffer, SocketFlags.None, out error);
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        if (error != SocketError.Success)
        {
            if (error is not (SocketError.WouldBlock or SocketError.Interrupted))
            {
                FailAll(error);
            }

            return;
        }

        var message = buffer.AsSpan(0, length);
        if (MessageHeader.TryRead(message, out var header) && Find(header.Id) is { } attempt)
        {
            Deliver(attempt, message);
        }
    }

    public void Dispose()
    {
        lock (_ids)
        {
            (_retired, _open) = (true, 0);
            CloseIfDone();
        }

        FailAll(SocketError.OperationAborted);
    }

    private UpstreamAttempt? Find(ushort id)
    {
        lock (_ids)
        {
            var place = _ids.AsSpan(0, _used).IndexOf(id);
            return place < 0 ? null : _waiting[place];
        }
    }

    private void Deliver(UpstreamAttempt attempt, ReadOnlySpan<byte> message)
    {
        // The query may have been sent again in another way meanwhile; a reply to that one comes on another socket.
        var match = attempt.Query.Match(message);
        if (match == ReplyMatch.Foreign || !Release(attempt))
        {
            return;
        }

        attempt.Deliver(match == ReplyMatch.OtherCase ? UpstreamReply.Failed(ReplyKind.NeedsTcp, "the name came back in another case")
            : UpstreamQuery.IsTruncated(message) ? UpstreamReply.Failed(ReplyKind.NeedsTcp, "truncated")
            : UpstreamReply.Of(message));
    }

    private void FailAll(SocketError error)
    {
        List<UpstreamAttempt> failed = [];
        lock (_ids)
        {
            for (var place = 0; place < _used; place++)
            {
                if (_waiting[place] is { } attempt)
                {
                    failed.Add(attempt);
                    Release(place);
                }
            }
        }

        foreach (var attempt in failed)
        {
            attempt.Deliver(UpstreamReply.Failed(ReplyKind.Unreachable, new SocketException((int)error).Message));
        }
    }

    private bool Release(int place)
    {
        _waiting[place] = null;
        _open--;
        CloseIfDone();
        return true;
    }

    private void CloseIfDone()
    {
        if (_retired && _open <= 0)
        {
            _pump.Remove(this);
            _socket.Dispose();
        }
    }
}
