using System.Net;
using System.Net.Sockets;
using Edge.PortMapping.NatPmp;
using Edge.PortMapping.Pcp;

namespace Edge.PortMapping;

/// <summary>
/// What the router says by itself when it starts or gets another address (RFC 6886 section 3.2.1, RFC 6887 section 14.1).
/// It only makes us ask: whoever is in the LAN can say it in the router's name.
/// </summary>
/// <param name="router">The router, whom alone it is heard from.</param>
/// <param name="time">The clock.</param>
internal sealed class Announcements(Func<IPAddress?> router, TimeProvider time)
{
    private static readonly IPEndPoint Group = new(new IPAddress([224, 0, 0, 1]), 5350);

    // A socket that cannot be opened, or that broke, is tried again.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private CancellationTokenSource? _end;
    private Task _running = Task.CompletedTask;

    /// <summary>Begins to listen; no socket is open while nobody wants to know.</summary>
    /// <param name="heard">Called for each.</param>
    /// <param name="cancel">The end of all.</param>
    public void Start(Action heard, CancellationToken cancel)
    {
        if (_end is null)
        {
            _end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            _running = RunAsync(heard, _end.Token);
        }
    }

    public async Task StopAsync()
    {
        if (_end is { } end)
        {
            await end.CancelAsync().ConfigureAwait(false);
            await _running.ConfigureAwait(false);
            end.Dispose();
            _end = null;
        }
    }

    private async Task RunAsync(Action heard, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await HearAsync(heard, cancel).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                await Task.Delay(Pause, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task HearAsync(Action heard, CancellationToken cancel)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        // RFC 6886 section 3.2.1: others on this machine listen there as well, and so does the process that takes over.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(Group);
        var buffer = new byte[1100];
        while (true)
        {
            var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), cancel).ConfigureAwait(false);
            if (received.RemoteEndPoint is IPEndPoint from && from.Address.Equals(router()) && Is(buffer.AsSpan(0, received.ReceivedBytes)))
            {
                heard();
            }
        }
    }

    private static bool Is(ReadOnlySpan<byte> bytes) => PcpMessage.IsAnnouncement(bytes) || NatPmpMessage.ReadAddress(bytes) is not null;
}
