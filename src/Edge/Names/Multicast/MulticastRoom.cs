using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Multicast;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging;

namespace Edge.Names.Multicast;

/// <summary>mDNS put together: services that are told of, hosts that are asked for, services of others that are found. No socket is open while there is none of them.</summary>
internal sealed partial class MulticastRoom : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly MulticastSetup _setup;
    private readonly MulticastSockets _sockets;
    private readonly MulticastNode _node;
    private readonly MulticastServices _services;
    private readonly MulticastNumbers _numbers;
    private readonly ILogger _log;
    private MulticastOptions _options;
    private ImmutableArray<HostSetting> _settings;
    private Func<string, ImmutableArray<IPAddress>, bool> _choice;
    private ImmutableArray<string> _followed = [];
    private bool _isStarted;
    private volatile bool _isWithdrawn;

    public MulticastRoom(MulticastSetup setup, MulticastOptions options, ImmutableArray<HostSetting> hosts)
    {
        (_setup, _options, _settings) = (setup, options, hosts);
        _choice = IsChosen;
        _log = setup.Logs.CreateLogger<MulticastRoom>();
        _numbers = new MulticastNumbers(setup.Data, setup.Time, setup.Logs.CreateLogger<MulticastNumbers>());
        _sockets = new MulticastSockets(setup.Time, setup.Logs.CreateLogger<MulticastSockets>());
        _node = new MulticastNode(_sockets, _numbers.Of, setup.Time, new Random(), setup.Logs.CreateLogger<MulticastNode>());
        _node.Renamed += _numbers.Keep;
        _node.HeardChanged += Hear;
        _services = new MulticastServices(setup.Gateway, setup.Services);
        setup.Services.Changed += Follow;
    }

    /// <summary>The names that follow from hosts.</summary>
    public MulticastHosts Hosts { get; } = new();

    /// <summary>Whether another process goes on with what is published, so that nobody is told of an end.</summary>
    public bool IsHandedOver { get; set; }

    public MulticastCounters Counters => _node.Counters;

    /// <summary>Raised when services of others may have come, moved or gone, or what is to become of them.</summary>
    public event Action? FoundChanged;

    /// <summary>The types of services of others that are looked for.</summary>
    public ImmutableArray<string> Types => _options.Asks ? [.. _options.Types.Union(_followed)] : [];

    /// <summary>The types that there are in the LAN, looked for or not (RFC 6763 §9).</summary>
    public ImmutableArray<string> TypesSeen => _node.Types();

    /// <summary>What was found, and what is to become of it.</summary>
    public FoundServices FoundNow => new(_node.Found(), _options.Asks ? _options.Adopt : [], _options.Asks);

    /// <summary>Services of others that were found.</summary>
    public ImmutableArray<FoundInstance> Found => _node.Found();

    /// <summary>The host under which the gateway serves what is asked for as NAME.local; null when nothing is.</summary>
    public string? HostOf(string local)
    {
        foreach (var (label, host) in _node.Hosts)
        {
            if (host.ToHostString().Equals(local, StringComparison.OrdinalIgnoreCase))
            {
                return _services.HostOf(label);
            }
        }

        return null;
    }

    /// <summary>Begins to heed what is served of the names of hosts.</summary>
    public void Follow(ZoneManager zones) => Hosts.Follow(zones, name => Log.NameIsHeld(_log, name));

    /// <summary>Begins to speak.</summary>
    public void Start()
    {
        _isStarted = true;
        Follow();
    }

    /// <summary>Takes leave of everybody, before what was published is served no longer.</summary>
    public void Withdraw()
    {
        _isWithdrawn = true;
        Follow();
    }

    /// <summary>Takes other settings.</summary>
    public void Use(MulticastOptions options, ImmutableArray<HostSetting> hosts)
    {
        lock (_gate)
        {
            (_options, _settings) = (options, hosts);
        }

        LookAtLinks();
    }

    /// <summary>Services of these types are followed, whatever the settings look for.</summary>
    public void Want(ImmutableArray<string> types)
    {
        if (!types.SequenceEqual(_followed))
        {
            _followed = types;
            Follow();
        }
    }

    /// <summary>Settings, views or addresses have changed: other interfaces may be those of the LAN.</summary>
    public void LookAtLinks()
    {
        lock (_gate)
        {
            _choice = IsChosen;
        }

        Follow();
    }

    private void Follow()
    {
        lock (_gate)
        {
            if (!_isStarted)
            {
                return;
            }

            var publications = _options.Publish && !_isWithdrawn && _setup.Gateway.AreReachable ? _services.Publications(_options.Subtypes) : [];
            var asked = _options.Asks ? _settings : [];
            var types = Types;
            _node.Publish(publications);
            _node.Ask([.. asked.Select(host => host.Local).Distinct()], types);

            // Last, so that goodbyes still have a way out.
            _sockets.Use(publications.IsEmpty && asked.IsEmpty && types.IsEmpty ? null : _choice);
        }

        Hear();
    }

    public async ValueTask DisposeAsync()
    {
        _setup.Services.Changed -= Follow;
        _node.End(sayGoodbye: !IsHandedOver);
        await _sockets.DisposeAsync();
        _numbers.Dispose();
    }

    private void Hear()
    {
        ImmutableArray<HostSetting> settings;
        lock (_gate)
        {
            settings = _options.Asks ? _settings : [];
        }

        Hosts.Update(settings, _node.Heard);
        FoundChanged?.Invoke();
    }

    private bool IsChosen(string name, ImmutableArray<IPAddress> addresses) =>
        _options.Interfaces.IsEmpty ? LinkChoice.IsOrdinary(name) && LinkChoice.IsOfHouse(addresses) && addresses.Any(_setup.IsLan) : _options.Interfaces.Contains(name);

    private static partial class Log
    {
        [LoggerMessage(3202, LogLevel.Warning, "edge.yaml gives {Name} the addresses of a host in mDNS, but the name is declared otherwise, and what is declared stays")]
        public static partial void NameIsHeld(ILogger log, Name name);
    }
}
