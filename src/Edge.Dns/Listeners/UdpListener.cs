using System.Net;
using Edge.Dns.Nameserver;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Listeners;

/// <summary>
/// DNS over UDP on one address. Dedicated blocking threads answer; a query that must wait for an upstream leaves
/// them, up to a limit, and is answered from a task.
/// </summary>
public sealed partial class UdpListener : IAsyncDisposable
{
    private readonly QueryProcessor _processor;
    private readonly ListenerOptions _options;
    private readonly ILogger _logger;
    private readonly IDatagramLoop[] _loops;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Thread> _threads = [];
    private int _deferred;

    /// <summary>Binds the address; queries are answered after <see cref="Start"/>.</summary>
    /// <exception cref="ListenException">The address cannot be bound.</exception>
    public UdpListener(IPEndPoint address, QueryProcessor processor, ListenerOptions options, ILogger logger)
    {
        _processor = processor;
        _options = options;
        _logger = logger;
        var sockets = SocketBinding.BindUdp(address, options.UdpThreads, options.Inherited);
        EndPoint = (IPEndPoint)sockets[0].LocalEndPoint!;
        // The layout of the system's structures is that of 64 bits.
        _loops = OperatingSystem.IsLinux() && Environment.Is64BitProcess
            ? Array.ConvertAll(sockets, IDatagramLoop (socket) => new LinuxDatagramLoop(socket, processor, TryDefer))
            : Array.ConvertAll(sockets, IDatagramLoop (socket) => new PortableDatagramLoop(socket, processor, TryDefer));
    }

    /// <summary>The address bound, with the port the system chose if 0 was asked for.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>How many sockets share the load.</summary>
    internal int SocketCount => _loops.Length;

    /// <summary>Begins to answer.</summary>
    public void Start()
    {
        for (var i = 0; i < _loops.Length; i++)
        {
            var loop = _loops[i];
            var thread = new Thread(() => Run(loop)) { IsBackground = true, Name = $"dns udp {EndPoint} {i}" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <summary>Stops answering and closes the sockets.</summary>
    public Task StopAsync() => Task.Run(() =>
    {
        _stop.Cancel();
        foreach (var loop in _loops)
        {
            loop.Stop();
        }

        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _threads.Clear();
        SpinWait.SpinUntil(() => Volatile.Read(ref _deferred) == 0, TimeSpan.FromSeconds(2));
        foreach (var loop in _loops)
        {
            (loop as IDisposable)?.Dispose();
        }
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await StopAsync().ConfigureAwait(false);
        }
    }

    private void Run(IDatagramLoop loop)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                loop.Run();
            }
            catch (Exception e)
            {
                Log.LoopFailed(_logger, e, EndPoint);
            }
        }
    }

    private bool TryDefer(DeferredDatagram datagram)
    {
        if (Interlocked.Increment(ref _deferred) > _options.MaxDeferredUdp)
        {
            Interlocked.Decrement(ref _deferred);
            Log.TooManyWait(_logger, EndPoint, datagram.Context.Client);
            return false;
        }

        // Up to the moment at which it waits it goes on here: another thread costs more than what is left to do.
        _ = AnswerLaterAsync(datagram);
        return true;
    }

    private async Task AnswerLaterAsync(DeferredDatagram datagram)
    {
        try
        {
            await _processor.CompleteAsync(datagram.Query, datagram.Context, datagram, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The server stops; the client asks another one.
        }
        catch (Exception e)
        {
            Log.DeferredFailed(_logger, e, EndPoint);
        }
        finally
        {
            Interlocked.Decrement(ref _deferred);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1000, LogLevel.Error, "UDP {EndPoint}: a listener thread failed and goes on")]
        public static partial void LoopFailed(ILogger logger, Exception error, IPEndPoint endPoint);

        [LoggerMessage(1001, LogLevel.Debug, "UDP {EndPoint}: too many queries wait for an upstream; one of {Client} was dropped")]
        public static partial void TooManyWait(ILogger logger, IPEndPoint endPoint, ClientAddress client);

        [LoggerMessage(1002, LogLevel.Error, "UDP {EndPoint}: a deferred query failed")]
        public static partial void DeferredFailed(ILogger logger, Exception error, IPEndPoint endPoint);
    }
}
