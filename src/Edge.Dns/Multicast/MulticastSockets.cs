using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Multicast;

/// <summary>The sockets of all links, which follow the interfaces as these come, change and go. No socket is open before they are chosen.</summary>
public sealed partial class MulticastSockets : IMulticastWire, IAsyncDisposable
{
    // The kernel's events are the fast way; the look mends what they miss.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly ILogger _log;
    private readonly ITimer _look;
    private readonly HashSet<string> _told = [];
    private readonly List<Task> _closing = [];
    private volatile LinkSocket[] _sockets = [];
    private Func<string, ImmutableArray<IPAddress>, bool>? _isChosen;
    private bool _ended;

    /// <summary>Chooses nothing yet.</summary>
    public MulticastSockets(TimeProvider time, ILogger<MulticastSockets> log)
    {
        _log = log;
        NetworkChange.NetworkAddressChanged += Look;
        _look = time.CreateTimer(_ => Refresh(), null, LookEvery, LookEvery);
    }

    /// <inheritdoc/>
    public ImmutableArray<MulticastLink> Links => [.. _sockets.Select(socket => socket.Link)];

    /// <inheritdoc/>
    public event Action? LinksChanged;

    /// <inheritdoc/>
    public event Action<MulticastPacket>? Received;

    /// <summary>Takes the interfaces that are chosen by name and addresses; null for none. The same choice again changes nothing.</summary>
    public void Use(Func<string, ImmutableArray<IPAddress>, bool>? isChosen)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_isChosen, isChosen))
            {
                return;
            }

            _isChosen = isChosen;
        }

        Refresh();
    }

    /// <summary>Looks at the interfaces now.</summary>
    public void Refresh()
    {
        lock (_gate)
        {
            if (_ended || !Follow())
            {
                return;
            }
        }

        LinksChanged?.Invoke();
    }

    /// <inheritdoc/>
    public void Send(MulticastLink link, ReadOnlySpan<byte> message, IPEndPoint? to)
    {
        foreach (var socket in _sockets)
        {
            if (socket.Link.IsSame(link))
            {
                try
                {
                    socket.Send(message, to);
                }
                catch (Exception lost) when (lost is SocketException or ObjectDisposedException)
                {
                    Log.NotSent(_log, link.Interface, lost.Message);
                }
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        NetworkChange.NetworkAddressChanged -= Look;
        await _look.DisposeAsync();
        Task[] closing;
        lock (_gate)
        {
            _ended = true;
            closing = [.. _closing, .. _sockets.Select(socket => socket.DisposeAsync().AsTask())];
            _sockets = [];
        }

        await Task.WhenAll(closing);
    }

    // True when the links are others.
    private bool Follow()
    {
        ImmutableArray<MulticastLink> links;
        try
        {
            links = _isChosen is null ? [] : LinkChoice.Read(_isChosen);
        }
        catch (Exception error)
        {
            // An interface may vanish between listing and asking for it; what was known stays until the next look.
            Log.NotRead(_log, error.Message);
            return false;
        }

        var before = Links;
        var sockets = new List<LinkSocket>();
        foreach (var link in links)
        {
            if (_sockets.FirstOrDefault(socket => socket.Link.IsSame(link)) is { } open)
            {
                open.Link = link;
                sockets.Add(open);
            }
            else if (Open(link) is { } opened)
            {
                sockets.Add(opened);
            }
        }

        LinkSocket[] kept = [.. sockets];
        _closing.RemoveAll(task => task.IsCompleted);
        _closing.AddRange(_sockets.Except(kept).Select(gone => gone.DisposeAsync().AsTask()));
        _sockets = kept;
        foreach (var socket in kept.Where(socket => !before.Any(socket.Link.IsSame)))
        {
            socket.Start();
        }

        var now = Links;
        if (now.SequenceEqual(before))
        {
            return false;
        }

        Log.Links(_log, now.IsEmpty ? "no interface" : string.Join(", ", now.Select(link => $"{link.Interface} ({(link.Family == AddressFamily.InterNetwork ? "IPv4" : "IPv6")})")));
        return true;
    }

    private LinkSocket? Open(MulticastLink link)
    {
        try
        {
            var socket = new LinkSocket(link, Take);
            _told.Remove(link.Interface);
            return socket;
        }
        catch (SocketException refused)
        {
            // Tried again with every look.
            if (_told.Add(link.Interface))
            {
                Log.NotOpened(_log, link.Interface, refused.Message);
            }

            return null;
        }
    }

    private void Take(LinkSocket socket, IPPacketInformation where, IPEndPoint source, ReadOnlyMemory<byte> bytes)
    {
        var isToGroup = where.Address is { } address && (address.IsIPv6Multicast || address.GetAddressBytes()[0] is >= 224 and < 240);
        var link = socket.Link;
        if (where.Interface != link.Index)
        {
            // What is sent to the group comes to each link's own socket; what is sent to us alone comes to any of them.
            link = isToGroup ? null : _sockets.Select(one => one.Link).FirstOrDefault(one => one.Index == where.Interface && one.Family == link.Family);
        }

        if (link is not null)
        {
            Received?.Invoke(new MulticastPacket(link, source, isToGroup, bytes));
        }
    }

    private void Look(object? sender, EventArgs e) => Refresh();

    private static partial class Log
    {
        [LoggerMessage(1800, LogLevel.Information, "mDNS is spoken on {Links}")]
        public static partial void Links(ILogger log, string links);

        [LoggerMessage(1801, LogLevel.Warning, "No mDNS on {Interface}: {Error}. Another program may hold UDP port 5353 without sharing it")]
        public static partial void NotOpened(ILogger log, string @interface, string error);

        [LoggerMessage(1803, LogLevel.Debug, "The network interfaces could not be read: {Error}")]
        public static partial void NotRead(ILogger log, string error);

        [LoggerMessage(1802, LogLevel.Debug, "A message was not sent on {Interface}: {Error}")]
        public static partial void NotSent(ILogger log, string @interface, string error);
    }
}
