using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Edge.Connections;
using Edge.Services;
using Edge.Settings;

namespace Edge.Streams;

/// <summary>
/// The one writer of the streams: follows the services, opens the ports they want and closes those nobody wants any
/// more. What cannot be had is told in <see cref="Problems"/>, and tried again: with the next change, and every few seconds.
/// </summary>
internal sealed partial class StreamManager : IServiceReader, IDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(10);

    private readonly Lock _writing = new();
    private readonly StreamOptions _options;
    private readonly StreamForwarder _forwarder;
    private readonly StreamClients _clients;
    private readonly TimeProvider _time;
    private readonly ILogger<StreamManager> _logger;
    private readonly OwnConnections _sessions = new();
    private readonly CancellationTokenSource _end = new();
    private readonly ITimer _again;
    private readonly Dictionary<(ProtocolType Protocol, IPEndPoint At), IStreamListener> _listeners = [];
    private Dictionary<(ProtocolType Protocol, IPEndPoint At), StreamPort> _ports = [];
    private Dictionary<string, StreamRoute> _routes = new(StringComparer.Ordinal);
    private volatile StreamHosts _passthrough = StreamHosts.Empty;
    private ImmutableArray<Problem> _problems = [];

    // Null after a set that could not be taken: the next one is, whatever it says.
    private ServiceSet? _services = ServiceSet.Empty;
    private bool _closed;

    public StreamManager(StreamOptions options, StreamForwarder forwarder, StreamClients clients, TimeProvider time, ILogger<StreamManager> logger)
    {
        (_options, _forwarder, _clients, _time, _logger) = (options, forwarder, clients, time, logger);
        _again = time.CreateTimer(static manager => ((StreamManager)manager!).TryAgain(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The services whose TLS passes through the gateway's own HTTPS listeners.</summary>
    public StreamHosts Passthrough => _passthrough;

    /// <summary>Ends every connection.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>What is wrong with ports and services now.</summary>
    public ImmutableArray<Problem> Problems
    {
        get
        {
            lock (_writing)
            {
                return _problems;
            }
        }
    }

    /// <summary>The ports that are open.</summary>
    public ImmutableArray<StreamReport> Ports
    {
        get
        {
            lock (_writing)
            {
                return [.. _listeners.Select(pair => new StreamReport(pair.Key.Protocol == ProtocolType.Udp ? "udp" : "tcp", pair.Value.EndPoint))];
            }
        }
    }

    /// <summary>The route of a host; null when it has none here.</summary>
    public StreamRoute? Find(string host)
    {
        lock (_writing)
        {
            return new StreamHosts([.. _routes.Values]).Find(host);
        }
    }

    public void Apply(ServiceSet services)
    {
        lock (_writing)
        {
            if (_closed)
            {
                return;
            }

            var last = _services;
            var changed = last is null || ServiceSet.Differing(last, services).Any(one => one.Before?.Stream is not null || one.After?.Stream is not null);
            if (!changed && _problems.IsEmpty)
            {
                _services = services;
                return;
            }

            Settle(services);
        }
    }

    /// <summary>Closes every port for good; connections go on.</summary>
    public void ClosePorts()
    {
        lock (_writing)
        {
            _closed = true;
            foreach (var listener in _listeners.Values)
            {
                listener.Dispose();
            }

            _listeners.Clear();
        }
    }

    /// <summary>Closes every port and ends every connection.</summary>
    public void Dispose()
    {
        _again.Dispose();
        _end.Cancel();
        ClosePorts();
    }

    // Whoever had a port may have left it.
    private void TryAgain()
    {
        lock (_writing)
        {
            try
            {
                if (!_closed && _services is { } services)
                {
                    Settle(services);
                }
            }
            catch (Exception unexpected)
            {
                // The next change tries again.
                Log.AgainFailed(_logger, unexpected);
            }
        }
    }

    private void Settle(ServiceSet services)
    {
        _services = null;
        var before = _problems;
        var problems = new List<Problem>();
        _routes = Routes(services);
        _passthrough = new StreamHosts([.. _routes.Values.Where(route => route.Stream.Protocol == StreamProtocol.Tls && route.Stream.Listen.IsEmpty)]);
        var wanted = _ports = StreamPorts.Of(_routes.Values, _options.Addresses, _ports, problems);
        problems.AddRange(StreamCircles.Of(_routes.Values, wanted, _options.Listeners));
        List<IPEndPoint> tcp = [.. wanted.Keys.Where(key => key.Protocol == ProtocolType.Tcp).Select(key => key.At)];
        List<IPEndPoint> all = [.. tcp, .. _options.Listeners];
        foreach (var gone in _listeners.Where(pair => !wanted.ContainsKey(pair.Key) || IsOtherwise(pair.Value, AnyAddress.IsIPv6Only(pair.Key.At, all))).Select(pair => pair.Key).ToList())
        {
            _listeners.Remove(gone, out var listener);
            listener!.Dispose();
        }

        _options.Sockets.ClearWay(tcp, _options.Listeners);
        foreach (var (key, port) in wanted)
        {
            Open(key.Protocol, key.At, port, AnyAddress.IsIPv6Only(key.At, all), problems);
        }

        _problems = [.. problems];
        foreach (var problem in _problems.Except(before))
        {
            Log.Problem(_logger, problem);
        }

        _services = services;
        if (_ports.Keys.Any(key => !_listeners.ContainsKey(key)))
        {
            _again.Change(Again, Timeout.InfiniteTimeSpan);
        }
    }

    private Dictionary<string, StreamRoute> Routes(ServiceSet services) => services.Services
        .Where(service => service.Stream is not null)
        .Select(service => _routes.GetValueOrDefault(service.Name) is { } known && (ReferenceEquals(known.Service, service) || known.Service.Equals(service)) ? known : new StreamRoute(service, service.Stream!))
        .ToDictionary(route => route.Name, StringComparer.Ordinal);

    // A socket that is bound cannot take in IPv4, or leave it to another one. The port of a unit's would not come free.
    private static bool IsOtherwise(IStreamListener listener, bool isIPv6Only) => listener is TcpStreamListener { IsOfUnit: false } tcp && tcp.IsIPv6Only != isIPv6Only;

    private void Open(ProtocolType protocol, IPEndPoint at, StreamPort port, bool isIPv6Only, List<Problem> problems)
    {
        if (_listeners.TryGetValue((protocol, at), out var open))
        {
            open.Use(port);
            return;
        }

        if (protocol == ProtocolType.Tcp && _options.Listeners.Contains(at))
        {
            // It is kept for the web server, which begins later.
            TellAll(port, $"{at} is Edge's own", "see gateway, admin and metrics in edge.yaml; tls:// services without listen share the gateway's HTTPS port", problems);
            return;
        }

        try
        {
            _listeners[(protocol, at)] = protocol == ProtocolType.Udp
                ? new UdpStreamListener(at, port.Whole!, _clients, _sessions, _time, _logger)
                : new TcpStreamListener(at, isIPv6Only, port, _options, _forwarder, _clients, _time, _logger, _end.Token);
            Log.Opened(_logger, at, protocol == ProtocolType.Udp ? "UDP" : "TCP");
        }
        catch (SocketException wrong)
        {
            TellAll(port, $"{at} ({(protocol == ProtocolType.Udp ? "UDP" : "TCP")}) cannot be opened: {wrong.Message}", Hint(wrong.SocketErrorCode), problems);
        }
    }

    private static void TellAll(StreamPort port, string what, string? hint, List<Problem> problems)
    {
        foreach (var route in port.Whole is { } whole ? [whole] : port.ByName.Routes)
        {
            problems.Add(new Problem(route.Service.Where, 0, $"services.{route.Name}.listen", what, hint));
        }
    }

    private static string? Hint(SocketError error) => error switch
    {
        SocketError.AddressAlreadyInUse => "another program or another part of Edge has it: ss -lntup shows which",
        SocketError.AccessDenied => "ports below 1024 need root or CAP_NET_BIND_SERVICE",
        SocketError.AddressNotAvailable => "this box has no such address",
        _ => null,
    };

    private static partial class Log
    {
        [LoggerMessage(5440, LogLevel.Warning, "{Problem}")]
        public static partial void Problem(ILogger logger, Problem problem);

        [LoggerMessage(5441, LogLevel.Information, "Port {EndPoint} ({Protocol}) is open")]
        public static partial void Opened(ILogger logger, IPEndPoint endPoint, string protocol);

        [LoggerMessage(5442, LogLevel.Error, "Ports that could not be opened before could not be tried again")]
        public static partial void AgainFailed(ILogger logger, Exception error);
    }
}
