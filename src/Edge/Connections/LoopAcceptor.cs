using System.Runtime.InteropServices;

namespace Edge.Connections;

/// <summary>Accepts the connections of one listening socket on one loop.</summary>
internal sealed partial class LoopAcceptor : ILoopHandler, IDisposable
{
    // So many at once; the others are told of again in the next turn.
    private const int MostInTurn = 32;
    private static readonly TimeSpan WithoutDescriptors = TimeSpan.FromMilliseconds(100);

    private readonly SafeHandle _listener;
    private readonly EventLoop _loop;
    private readonly Action<LoopConnection> _serve;
    private readonly ILogger _logger;
    private readonly Timer _again;
    private readonly Lock _turning = new();
    private ulong? _token;
    private bool _disposed;
    private bool _toldOfFiles;

    /// <param name="listener">The listening socket, not blocking.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="serve">Serves a connection, on the loop's thread, which must not wait.</param>
    /// <param name="logger">Is told when there are no descriptors.</param>
    public LoopAcceptor(SafeHandle listener, EventLoop loop, Action<LoopConnection> serve, ILogger logger)
    {
        (_listener, _loop, _serve, _logger) = (listener, loop, serve, logger);
        _again = new Timer(static acceptor => ((LoopAcceptor)acceptor!).ListenAgain(), this, Timeout.Infinite, Timeout.Infinite);
        Listen();
    }

    public void OnEvents(uint events)
    {
        // Once it is disposed of, nobody takes what it accepts.
        lock (_turning)
        {
            if (!_disposed)
            {
                Accept();
            }
        }
    }

    public void Dispose()
    {
        lock (_turning)
        {
            _disposed = true;
            Silence();
        }

        _again.Dispose();
    }

    private void Accept()
    {
        Span<byte> address = stackalloc byte[SocketAddresses.Length];
        for (var i = 0; i < MostInTurn; i++)
        {
            int descriptor;
            try
            {
                descriptor = LinuxSockets.Accept(_listener, address, out var length);
                if (descriptor >= 0)
                {
                    Admit(new SocketDescriptor(descriptor), address[..Math.Min(length, address.Length)]);
                    continue;
                }
            }
            catch (ObjectDisposedException)
            {
                return;
            }

            if (Marshal.GetLastPInvokeError() is LinuxSockets.TooManyFiles or LinuxSockets.TooManyFilesInSystem)
            {
                Pause();
            }

            return;
        }
    }

    private void Admit(SocketDescriptor descriptor, ReadOnlySpan<byte> address)
    {
        LoopSocket socket;
        try
        {
            LinuxSockets.SetNoDelay(descriptor);
            socket = new LoopSocket(descriptor, descriptor, _loop, connected: true);
        }
        catch (Exception refused) when (refused is IOException or ObjectDisposedException)
        {
            descriptor.Dispose();
            return;
        }

        var connection = new LoopConnection(ConnectionNumber.Next(), socket, SocketAddresses.Read(address));
        connection.Begin();
        _serve(connection);
    }

    // Without a free descriptor the connection stays with the kernel, which would tell of it without end.
    private void Pause()
    {
        if (!_toldOfFiles)
        {
            _toldOfFiles = true;
            Log.NoDescriptors(_logger);
        }

        lock (_turning)
        {
            Silence();
            if (!_disposed)
            {
                _again.Change(WithoutDescriptors, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void ListenAgain()
    {
        try
        {
            Listen();
        }
        catch (Exception notYet) when (notYet is IOException or ObjectDisposedException)
        {
            Pause();
        }
    }

    private void Listen()
    {
        lock (_turning)
        {
            if (!_disposed && _token is null && !_listener.IsClosed)
            {
                _token = _loop.Add(_listener, this, LinuxSockets.In | LinuxSockets.Exclusive);
            }
        }
    }

    private void Silence()
    {
        if (_token is { } token)
        {
            _loop.Remove(_listener, token);
            _token = null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5901, LogLevel.Warning, "No free file descriptor for a new connection: clients wait until others leave; raise the limit (LimitNOFILE of the service, ulimit -n)")]
        public static partial void NoDescriptors(ILogger logger);
    }
}
