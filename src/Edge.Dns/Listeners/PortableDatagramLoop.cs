using System.Net;
using System.Net.Sockets;
using Edge.Dns.Nameserver;

namespace Edge.Dns.Listeners;

/// <summary>
/// A blocking loop over plain sockets, for systems that are not Linux. Bound to a wildcard address it answers from
/// the address that routing chooses, so name the addresses there.
/// </summary>
internal sealed class PortableDatagramLoop : IDatagramLoop, IDisposable
{
    private readonly Socket _socket;
    private readonly QueryProcessor _processor;
    private readonly Func<DeferredDatagram, bool> _defer;
    private volatile bool _stopping;

    public PortableDatagramLoop(Socket socket, QueryProcessor processor, Func<DeferredDatagram, bool> defer)
    {
        _socket = socket;
        _processor = processor;
        _defer = defer;
    }

    public void Run()
    {
        var query = new byte[2048];
        var answer = new byte[2048];
        var sender = new SocketAddress(_socket.AddressFamily);
        var server = ClientAddress.From(((IPEndPoint)_socket.LocalEndPoint!).Address);
        while (!_stopping)
        {
            try
            {
                sender.Size = sender.Buffer.Length;
                var received = _socket.ReceiveFrom(query, SocketFlags.None, sender);
                var context = new QueryContext(ClientAddress.From(sender), Transport.Udp, server);
                var outcome = _processor.Process(query.AsSpan(0, received), context, answer, out var length);
                if (outcome == QueryOutcome.Answered)
                {
                    _socket.SendTo(answer.AsSpan(0, length), SocketFlags.None, sender);
                }
                else if (outcome == QueryOutcome.Deferred)
                {
                    _defer(new DeferredDatagram(query[..received], context, this, sender.Buffer.Span[..sender.Size].ToArray(), []));
                }
            }
            catch (SocketException)
            {
                // Closed to stop, or the trouble of one datagram (port unreachable, too long): none ends the loop.
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    public void Send(DeferredDatagram datagram, ReadOnlySpan<byte> answer)
    {
        var sender = new SocketAddress(_socket.AddressFamily, datagram.Sender.Length);
        datagram.Sender.CopyTo(sender.Buffer);
        try
        {
            _socket.SendTo(answer, SocketFlags.None, sender);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Lost like any datagram.
        }
    }

    public void Stop()
    {
        _stopping = true;
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();
}
