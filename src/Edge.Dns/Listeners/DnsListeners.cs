using System.Net;
using System.Net.Sockets;
using Edge.Dns.Nameserver;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Listeners;

/// <summary>UDP and TCP on every address of a list, and the encrypted transports on theirs, opened and closed together.</summary>
public sealed partial class DnsListeners : IAsyncDisposable
{
    private readonly List<UdpListener> _udp = [];
    private readonly List<TcpListener> _tcp = [];
    private readonly List<TcpListener> _tls = [];
    private readonly List<QuicDnsListener> _quic = [];

    private DnsListeners()
    {
    }

    /// <summary>The addresses bound, in the order given; each has UDP and TCP on the same port.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _udp.Select(listener => listener.EndPoint)];

    /// <summary>The addresses bound for DNS over TLS, in the order given.</summary>
    public IReadOnlyList<IPEndPoint> TlsEndPoints => [.. _tls.Select(listener => listener.EndPoint)];

    /// <summary>TCP connections open now.</summary>
    public int TcpConnectionCount => _tcp.Sum(listener => listener.ConnectionCount);

    /// <summary>Connections under TLS open now.</summary>
    public int TlsConnectionCount => _tls.Sum(listener => listener.ConnectionCount);

    /// <summary>The addresses bound for DNS over QUIC; none where the system has no libmsquic.</summary>
    public IReadOnlyList<IPEndPoint> QuicEndPoints => QuicDnsListener.IsSupported ? [.. _quic.Select(listener => listener.EndPoint)] : [];

    /// <summary>Binds all addresses; queries are answered after <see cref="Start"/>. Port 0 lets the system choose.</summary>
    /// <exception cref="ListenException">One or more cannot be bound: the message has a line for each. Nothing stays bound then.</exception>
    public static DnsListeners Bind(
        IReadOnlyList<IPEndPoint> addresses, QueryProcessor processor, ListenerOptions options, TimeProvider time, ILoggerFactory loggers,
        EncryptedEndPoints? encrypted = null)
    {
        var listeners = new DnsListeners();
        var problems = new List<ListenException>();
        encrypted ??= EncryptedEndPoints.None;
        var tls = new TlsHandshake(encrypted.Certificates);
        foreach (var address in addresses)
        {
            Try(() => listeners.BindBoth(address, processor, options, time, loggers), problems);
        }

        foreach (var address in encrypted.Tls)
        {
            Try(() => listeners._tls.Add(new TcpListener(address, tls, processor, options, time, loggers.CreateLogger<TcpListener>())), problems);
        }

        listeners.BindQuic(encrypted, tls, processor, options, loggers, problems);
        if (problems.Count > 0)
        {
            _ = listeners.DisposeAsync().AsTask();
            throw new ListenException(string.Join(Environment.NewLine, problems.Select(problem => problem.Message)), problems[0]);
        }

        return listeners;
    }

    /// <summary>Begins to answer on all addresses.</summary>
    public void Start()
    {
        _udp.ForEach(listener => listener.Start());
        _tcp.ForEach(listener => listener.Start());
        _tls.ForEach(listener => listener.Start());
        if (QuicDnsListener.IsSupported)
        {
            _quic.ForEach(listener => listener.Start());
        }
    }

    /// <summary>
    /// UDP sockets for the same addresses, for another process to take over. Nothing comes to them before <see cref="BindBeside"/>.
    /// TCP has its listening sockets to leave.
    /// </summary>
    public IReadOnlyList<Socket> OpenBeside() => [.. PlacesBeside().Select(SocketBinding.OpenUdp)];

    /// <summary>Binds the sockets of <see cref="OpenBeside"/>: half of what comes from now on waits in them.</summary>
    /// <exception cref="ListenException">That cannot be done (any more).</exception>
    public void BindBeside(IReadOnlyList<Socket> sockets)
    {
        foreach (var (socket, address) in sockets.Zip(PlacesBeside()))
        {
            SocketBinding.BindUdp(socket, address);
        }
    }

    /// <summary>Stops answering and closes all sockets.</summary>
    public Task StopAsync() => Task.WhenAll(
        [.. _udp.Select(listener => listener.StopAsync()), .. _tcp.Concat(_tls).Select(listener => listener.StopAsync()), StopQuicAsync()]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopQuicAsync().ConfigureAwait(false);
        foreach (var listener in _udp)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var listener in _tcp.Concat(_tls))
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void BindQuic(EncryptedEndPoints encrypted, TlsHandshake tls, QueryProcessor processor, ListenerOptions options, ILoggerFactory loggers, List<ListenException> problems)
    {
        if (encrypted.Quic.Count > 0 && !QuicDnsListener.IsSupported)
        {
            Log.NoQuic(loggers.CreateLogger<DnsListeners>(), string.Join(", ", encrypted.Quic));
            return;
        }

        foreach (var address in encrypted.Quic)
        {
            if (QuicDnsListener.IsSupported)
            {
                Try(() => _quic.Add(QuicDnsListener.Bind(address, tls, processor, options, loggers.CreateLogger<QuicDnsListener>())), problems);
            }
        }
    }

    private IEnumerable<IPEndPoint> PlacesBeside() => _udp.SelectMany(listener => Enumerable.Repeat(listener.EndPoint, listener.SocketCount));

    private static void Try(Action bind, List<ListenException> problems)
    {
        try
        {
            bind();
        }
        catch (ListenException e)
        {
            problems.Add(e);
        }
    }

    private void BindBoth(IPEndPoint address, QueryProcessor processor, ListenerOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        // A port the system chose for TCP may be taken for UDP: then it chooses again.
        for (var attempt = 1; ; attempt++)
        {
            var tcp = new TcpListener(address, processor, options, time, loggers.CreateLogger<TcpListener>());
            try
            {
                _udp.Add(new UdpListener(tcp.EndPoint, processor, options, loggers.CreateLogger<UdpListener>()));
                _tcp.Add(tcp);
                return;
            }
            catch (ListenException) when (address.Port == 0 && attempt < 10)
            {
                _ = tcp.StopAsync();
            }
            catch
            {
                _ = tcp.StopAsync();
                throw;
            }
        }
    }

    private async Task StopQuicAsync()
    {
        foreach (var listener in _quic)
        {
            if (QuicDnsListener.IsSupported)
            {
                await listener.DisposeAsync().ConfigureAwait(false);
            }
        }

        _quic.Clear();
    }

    private static partial class Log
    {
        [LoggerMessage(1017, LogLevel.Warning, "DNS over QUIC is not served on {EndPoints}: this machine has no libmsquic; install the package of that name")]
        public static partial void NoQuic(ILogger logger, string endPoints);
    }
}
