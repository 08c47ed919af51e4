using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Edge.Connections;

namespace Edge.Restart;

/// <summary>
/// The program that started this one, where it is systemd or speaks like it: sockets that it kept or opened come from it
/// (sd_listen_fds(3)), and it is told how things are (sd_notify(3)). Sockets given to it outlive this process, and clients
/// wait in them until the next one is there.
/// </summary>
internal sealed class ServiceManager
{
    private const int FirstDescriptor = 3;

    private readonly string? _notify;

    private readonly string[] _names;

    private ServiceManager(string? notify, IReadOnlyList<int> descriptors, string[] names) => (_notify, Descriptors, _names) = (notify, descriptors, names);

    /// <summary>The sockets that it passed on, in this process's numbers.</summary>
    public IReadOnlyList<int> Descriptors { get; }

    /// <summary>Whether one of them came from a .socket unit: it has the unit's name then, not the one that it was kept by.</summary>
    /// <param name="descriptor">Its number.</param>
    /// <param name="at">Where it listens.</param>
    public bool IsOfUnit(int descriptor, IPEndPoint at) => _names.ElementAtOrDefault(descriptor - FirstDescriptor) != NameOf(at);

    /// <summary>Whether it keeps sockets that it is given.</summary>
    public bool Keeps { get; private init; }

    /// <summary>Reads the environment, once: what stands there for sockets is not for programs that this one starts.</summary>
    public static ServiceManager Find()
    {
        var count = NumberOf("LISTEN_PID") == Environment.ProcessId ? NumberOf("LISTEN_FDS") ?? 0 : 0;
        var names = Environment.GetEnvironmentVariable("LISTEN_FDNAMES")?.Split(':') ?? [];
        foreach (var name in (string[])["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"])
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        return new ServiceManager(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), [.. Enumerable.Range(FirstDescriptor, Math.Clamp(count, 0, 4096))], names)
        {
            // systemd says with it how many it would keep; older ones do not say.
            Keeps = NumberOf("FDSTORE") is not 0,
        };
    }

    /// <summary>Everything is open; the sockets are given to it to keep, and those that are opened later.</summary>
    /// <param name="sockets">Those that serve.</param>
    /// <param name="gone">Those that it kept and nobody wants any more.</param>
    public void Ready(ListeningSockets sockets, IEnumerable<IPEndPoint> gone)
    {
        foreach (var endPoint in gone)
        {
            Forget(endPoint);
        }

        if (_notify is not null && Keeps)
        {
            sockets.Opened += Keep;
            foreach (var socket in sockets.Open.Where(socket => !sockets.Units.Has(socket)))
            {
                Keep(socket);
            }
        }

        Say("READY=1");
    }

    /// <summary>Another process goes on in place of this one.</summary>
    public void Succeeded(int by) => Say($"MAINPID={by.ToString(CultureInfo.InvariantCulture)}\nREADY=1");

    /// <summary>This process begins to end.</summary>
    public void Stopping() => Say("STOPPING=1");

    // A colon is not allowed in such a name.
    private static string NameOf(IPEndPoint at) => $"tcp-{at.ToString().Replace(':', '-')}";

    private static int? NumberOf(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private void Keep(Socket socket)
    {
        try
        {
            // Clients would wait for ever in another one of that place, which a process that is no more may have left.
            var at = (IPEndPoint)socket.LocalEndPoint!;
            Forget(at);
            LinuxSockets.Share(socket.SafeHandle);
            Say($"FDSTORE=1\nFDPOLL=0\nFDNAME={NameOf(at)}", socket.SafeHandle);
        }
        catch (Exception closed) when (closed is ObjectDisposedException or SocketException or IOException)
        {
            // Just now; then there is nothing to keep.
        }
    }

    /// <summary>A socket is closed. What the manager keeps of it would go on taking connections.</summary>
    public void Forget(IPEndPoint at) => Say($"FDSTOREREMOVE=1\nFDNAME={NameOf(at)}");

    private void Say(string text, SafeSocketHandle? with = null)
    {
        if (_notify is not { Length: > 1 })
        {
            return;
        }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(_notify[0] == '@' ? $"\0{_notify[1..]}" : _notify));
            DescriptorMessage.Send(socket.SafeHandle, text, with);
        }
        catch (Exception away) when (away is SocketException or IOException or ArgumentException)
        {
            // Nobody listens: serving does not depend on it.
        }
    }
}
