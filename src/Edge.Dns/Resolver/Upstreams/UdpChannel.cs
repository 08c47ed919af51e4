using System.Net;
using System.Net.Sockets;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>
/// DNS over UDP to one upstream, over a few sockets at a time that are replaced soon. What a blind forger must hit
/// is one of them, the ID and the case of the name within the time of one question (RFC 5452 §9).
/// </summary>
internal sealed class UdpChannel(IPEndPoint upstream, UpstreamParts parts) : IUpstreamChannel
{
    private const int Sockets = 8;
    private static readonly TimeSpan LongestUse = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly UdpSocket?[] _sockets = new UdpSocket?[Sockets];
    private readonly long[] _openedAt = new long[Sockets];
    private bool _ended;

    public void Ask(UpstreamAttempt attempt)
    {
        try
        {
            var socket = Take(attempt);
            var error = socket.Send(attempt);
            if (error is not (SocketError.Success or SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable) && socket.Release(attempt))
            {
                Renew();
                Fail(attempt, error);
            }
        }
        catch (SocketException error)
        {
            Fail(attempt, error.SocketErrorCode);
        }
        catch (ObjectDisposedException)
        {
            Fail(attempt, SocketError.OperationAborted);
        }
    }

    public void Forget(UpstreamAttempt attempt) => attempt.Place?.Release(attempt);

    public void Renew()
    {
        lock (_gate)
        {
            for (var i = 0; i < Sockets; i++)
            {
                _sockets[i]?.Retire();
                _sockets[i] = null;
            }
        }
    }

    public void Dispose()
    {
        UdpSocket?[] open;
        lock (_gate)
        {
            _ended = true;
            open = [.. _sockets];
            Array.Clear(_sockets);
        }

        foreach (var socket in open)
        {
            socket?.Dispose();
        }
    }

    private UdpSocket Take(UpstreamAttempt attempt)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            var i = SecretBytes.Next() % Sockets;
            if (_sockets[i] is { } open)
            {
                if (parts.Time.GetElapsedTime(_openedAt[i]) < LongestUse && open.TryTake(attempt))
                {
                    return open;
                }

                open.Retire();
                _sockets[i] = null;
            }

            var socket = UdpSocket.Open(upstream, parts.Pump);
            socket.TryTake(attempt);
            _sockets[i] = socket;
            _openedAt[i] = parts.Time.GetTimestamp();
            return socket;
        }
    }

    private static void Fail(UpstreamAttempt attempt, SocketError error) =>
        attempt.Deliver(UpstreamReply.Failed(ReplyKind.Unreachable, new SocketException((int)error).Message));
}
