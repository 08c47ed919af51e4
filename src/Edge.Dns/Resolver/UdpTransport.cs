using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>
/// DNS over UDP. Every query has a socket of its own: the kernel picks its port at random (RFC 5452 §9.2), and being
/// connected it takes datagrams from the upstream only and hears of ICMP errors.
/// </summary>
internal sealed class UdpTransport : IUpstreamTransport
{
    // More than we ask for: some servers exceed the size they were told, and a cut datagram would be lost.
    private const int BufferSize = 4096;

    public async Task<UpstreamReply> AskAsync(IPEndPoint upstream, UpstreamQuery query, CancellationToken deadline)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var socket = new Socket(upstream.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(upstream, deadline).ConfigureAwait(false);
            await socket.SendAsync(query.Wire, SocketFlags.None, deadline).ConfigureAwait(false);
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, SocketFlags.None, deadline).ConfigureAwait(false);
                var message = buffer.AsMemory(0, length);
                switch (query.Match(message.Span))
                {
                    case ReplyMatch.OtherCase:
                        return UpstreamReply.Failed(ReplyKind.NeedsTcp, "the name came back in another case");
                    case ReplyMatch.Ours when IsTruncated(message.Span):
                        return UpstreamReply.Failed(ReplyKind.NeedsTcp, "truncated");
                    case ReplyMatch.Ours:
                        return UpstreamReply.Of(message.Span);
                }
            }
        }
        catch (OperationCanceledException)
        {
            return UpstreamReply.Failed(ReplyKind.Timeout, "no reply over UDP in time");
        }
        catch (SocketException error)
        {
            return UpstreamReply.Failed(ReplyKind.Unreachable, error.Message);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool IsTruncated(ReadOnlySpan<byte> message) =>
        MessageHeader.TryRead(message, out var header) && header.Flags.HasFlag(MessageFlags.Truncated);
}
