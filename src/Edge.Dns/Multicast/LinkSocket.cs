using System.Net;
using System.Net.Sockets;

namespace Edge.Dns.Multicast;

/// <summary>The socket of one link: port 5353, shared with other mDNS programs of this machine, in the group on its interface alone.</summary>
internal sealed class LinkSocket : IAsyncDisposable
{
    /// <summary>The port of mDNS (RFC 6762 §2).</summary>
    public const int Port = 5353;

    private static readonly IPEndPoint Group = new(new IPAddress([224, 0, 0, 251]), Port);
    private static readonly IPAddress GroupV6 = IPAddress.Parse("ff02::fb");

    private readonly Socket _socket;
    private readonly IPEndPoint _group;
    private readonly Action<LinkSocket, IPPacketInformation, IPEndPoint, ReadOnlyMemory<byte>> _received;
    private readonly CancellationTokenSource _end = new();
    private Task _receiving = Task.CompletedTask;

    /// <exception cref="SocketException">The port is taken by a program that does not share it, or the interface is gone.</exception>
    public LinkSocket(MulticastLink link, Action<LinkSocket, IPPacketInformation, IPEndPoint, ReadOnlyMemory<byte>> received)
    {
        (Link, _received) = (link, received);
        _socket = new Socket(link.Family, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        try
        {
            // On Linux that is SO_REUSEADDR and SO_REUSEPORT: avahi and systemd-resolved stay where they are.
            _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _group = link.Family == AddressFamily.InterNetwork ? JoinV4(link.Index) : JoinV6(link.Index);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    public MulticastLink Link { get; set; }

    public void Start() => _receiving = ReceiveAsync();

    public void Send(ReadOnlySpan<byte> message, IPEndPoint? to) => _socket.SendTo(message, SocketFlags.None, to ?? _group);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _socket.Dispose();
        await _receiving;
        _end.Dispose();
    }

    private IPEndPoint JoinV4(int index)
    {
        const int MulticastAll = 49;
        _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.PacketInformation, true);
        _socket.Bind(new IPEndPoint(IPAddress.Any, Port));
        _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(Group.Address, index));
        _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.HostToNetworkOrder(index));
        // RFC 6762 §11: 255 both ways, so that who looks at it can tell neighbours from others.
        _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, 255);
        _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.IpTimeToLive, 255);
        _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastLoopback, true);
        OnlyOwnGroups(0, MulticastAll);
        return Group;
    }

    private IPEndPoint JoinV6(int index)
    {
        const int MulticastAll = 29;
        const int UnicastHops = 16;
        const int Ipv6 = 41;
        _socket.DualMode = false;
        _socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.PacketInformation, true);
        _socket.Bind(new IPEndPoint(IPAddress.IPv6Any, Port));
        _socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(GroupV6, index));
        _socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, index);
        _socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, 255);
        _socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastLoopback, true);
        if (OperatingSystem.IsLinux())
        {
            _socket.SetRawSocketOption(Ipv6, UnicastHops, BitConverter.GetBytes(255));
        }

        OnlyOwnGroups(Ipv6, MulticastAll);
        return new IPEndPoint(new IPAddress(GroupV6.GetAddressBytes(), index), Port);
    }

    // Else a socket of Linux gets what comes in on any interface on which anybody joined the group. An old kernel does not know
    // it for IPv6; whoever receives looks at the interface anyway.
    private void OnlyOwnGroups(int level, int option)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                _socket.SetRawSocketOption(level, option, BitConverter.GetBytes(0));
            }
            catch (SocketException)
            {
            }
        }
    }

    private async Task ReceiveAsync()
    {
        // One byte more than may come tells what is too long.
        var buffer = new byte[MulticastMessage.MaxLength + 1];
        var anybody = new IPEndPoint(Link.Family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var result = await _socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, anybody, _end.Token);
                _received(this, result.PacketInformation, (IPEndPoint)result.RemoteEndPoint, buffer.AsMemory(0, result.ReceivedBytes));
            }
            catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // An error that a packet of ours has met on its way, or an interface that goes down: the next look at the links mends it.
                await Task.Yield();
            }
        }
    }
}
