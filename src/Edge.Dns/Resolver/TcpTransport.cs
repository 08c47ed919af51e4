using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Edge.Dns.Resolver;

/// <summary>DNS over TCP (RFC 7766), one connection for one query: it is the exception here.</summary>
internal sealed class TcpTransport : IUpstreamTransport
{
    public async Task<UpstreamReply> AskAsync(IPEndPoint upstream, UpstreamQuery query, CancellationToken deadline)
    {
        try
        {
            using var socket = new Socket(upstream.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(upstream, deadline).ConfigureAwait(false);
            using var stream = new NetworkStream(socket);
            // RFC 7766 §8: length and message in one write.
            var framed = new byte[query.Wire.Length + 2];
            BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)query.Wire.Length);
            query.Wire.CopyTo(framed, 2);
            await stream.WriteAsync(framed, deadline).ConfigureAwait(false);
            while (true)
            {
                var prefix = new byte[2];
                await stream.ReadExactlyAsync(prefix, deadline).ConfigureAwait(false);
                var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
                await stream.ReadExactlyAsync(message, deadline).ConfigureAwait(false);
                // A connection cannot be forged blindly, so the case of the name proves nothing more here.
                if (query.Match(message) != ReplyMatch.Foreign)
                {
                    return new UpstreamReply(ReplyKind.Message, message, null);
                }
            }
        }
        catch (OperationCanceledException)
        {
            return UpstreamReply.Failed(ReplyKind.Timeout, "no reply over TCP in time");
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            // A stream that ends too early is no reply either; the next upstream is asked.
            return UpstreamReply.Failed(ReplyKind.Unreachable, error.Message);
        }
    }
}
