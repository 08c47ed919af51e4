using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>
/// The thread on which the replies of upstreams over UDP arrive. It also does what follows from a reply, up to the
/// answer to the client: a hand-over to another thread would cost more than that.
/// </summary>
internal sealed unsafe partial class DatagramPump(ILogger log) : IDisposable
{
    private const int MaxEvents = 64;
    private const long Waker = 0;
    // More than we ask for: some servers exceed the size they were told, and a cut datagram would be lost.
    private const int BufferSize = 4096;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<long, UdpSocket> _sockets = new();
    private long _numbers;
    private int _set = -1;
    private int _waker = -1;
    private Thread? _thread;
    private volatile bool _ended;

    /// <summary>Whether this system can do it; elsewhere every query has a socket and a task of its own.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>Waits for this socket from now on; false when it cannot.</summary>
    public bool TryAdd(UdpSocket socket)
    {
        if (!TryStart())
        {
            return false;
        }

        socket.Number = Interlocked.Increment(ref _numbers);
        _sockets[socket.Number] = socket;
        if (LinuxReadiness.Add(_set, socket.Handle, socket.Number))
        {
            return true;
        }

        Remove(socket);
        return false;
    }

    public void Remove(UdpSocket socket) => _sockets.TryRemove(socket.Number, out _);

    public void Dispose()
    {
        Thread? thread;
        lock (_gate)
        {
            _ended = true;
            thread = _thread;
            if (thread is null)
            {
                return;
            }

            LinuxReadiness.Wake(_waker);
        }

        if (thread != Thread.CurrentThread)
        {
            thread.Join();
        }

        _ = LinuxReadiness.Close(_set);
        _ = LinuxReadiness.Close(_waker);
    }

    private bool TryStart()
    {
        if (_thread is not null)
        {
            return !_ended;
        }

        lock (_gate)
        {
            if (_ended || _thread is not null)
            {
                return !_ended;
            }

            _set = LinuxReadiness.Create();
            _waker = LinuxReadiness.CreateWaker();
            if (_set < 0 || _waker < 0)
            {
                return false;
            }

            LinuxReadiness.AddWaker(_set, _waker, Waker);
            var thread = new Thread(Run) { IsBackground = true, Name = "dns upstream udp" };
            thread.Start();
            _thread = thread;
            return true;
        }
    }

    private void Run()
    {
        var events = (byte*)NativeMemory.AllocZeroed((nuint)(MaxEvents * LinuxReadiness.EventSize));
        var buffer = new byte[BufferSize];
        while (!_ended)
        {
            var count = LinuxReadiness.Wait(_set, events, MaxEvents, -1);
            for (var i = 0; i < count && !_ended; i++)
            {
                if (_sockets.TryGetValue(LinuxReadiness.NumberOf(events + (i * LinuxReadiness.EventSize)), out var socket))
                {
                    Receive(socket, buffer);
                }
            }
        }

        NativeMemory.Free(events);
    }

    private void Receive(UdpSocket socket, byte[] buffer)
    {
        try
        {
            socket.Receive(buffer);
        }
        catch (Exception error)
        {
            Log.ReplyFailed(log, error);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1312, LogLevel.Error, "A reply of an upstream could not be dealt with")]
        public static partial void ReplyFailed(ILogger logger, Exception error);
    }
}
