using System.Net;
using System.Net.Sockets;

namespace Edge.PortMapping;

/// <summary>
/// Questions to the router by UDP. The socket is connected, so that the kernel drops what others send, and so that a
/// router that has nobody at the port is noticed at once.
/// </summary>
internal sealed class RouterSocket : IDisposable
{
    /// <summary>RFC 6886 section 3, RFC 6887 section 19.1: the port that PCP and NAT-PMP share.</summary>
    public const int Port = 5351;

    // RFC 6887 section 7: no message is longer.
    private const int Longest = 1100;

    // RFC 6886 section 3.1: 250 ms, doubled each time. The router is one hop away, and who waits for it is a user.
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private const int Tries = 4;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly TimeProvider _time;

    public RouterSocket(IPEndPoint router, TimeProvider time)
    {
        _time = time;
        try
        {
            _socket.Connect(router);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Our address on the way to the router.</summary>
    public IPAddress Local => ((IPEndPoint)_socket.LocalEndPoint!).Address;

    /// <summary>Sends a question until it is answered.</summary>
    /// <returns>The answer; empty when nobody listens there; null when there was none.</returns>
    public async Task<byte[]?> AskAsync(byte[] question, Predicate<byte[]> isAnswer, CancellationToken cancel)
    {
        Drain();
        var wait = FirstWait;
        for (var i = 0; i < Tries; i++, wait *= 2)
        {
            using var patience = new CancellationTokenSource(wait, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
            try
            {
                await _socket.SendAsync(question, SocketFlags.None, either.Token).ConfigureAwait(false);
                return await ReceiveAsync(isAnswer, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // Lost, or the router takes its time.
            }
            catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
            {
                return [];
            }
            catch (SocketException)
            {
                // The link is down.
                return null;
            }
        }

        return null;
    }

    public void Dispose() => _socket.Dispose();

    private async Task<byte[]> ReceiveAsync(Predicate<byte[]> isAnswer, CancellationToken cancel)
    {
        var buffer = new byte[Longest];
        while (true)
        {
            var length = await _socket.ReceiveAsync(buffer, SocketFlags.None, cancel).ConfigureAwait(false);
            var answer = buffer.AsSpan(0, length).ToArray();
            if (isAnswer(answer))
            {
                return answer;
            }
        }
    }

    // A late answer to an earlier question is no answer to this one.
    private void Drain()
    {
        var buffer = new byte[Longest];
        try
        {
            while (_socket.Available > 0)
            {
                _socket.Receive(buffer);
            }
        }
        catch (SocketException)
        {
            // What a router sent back that has nobody at the port; the question below will tell.
        }
    }
}
