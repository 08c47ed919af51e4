using System.Net.Sockets;
using Edge.Access;
using Edge.AcmeDns;
using Edge.AcmeServer;
using Edge.Admin;
using Edge.Admin.Metrics;
using Edge.Certificates;
using Edge.Connections;
using Edge.Dns.Listeners;
using Edge.Dns.Zones;
using Edge.Docker;
using Edge.DynamicDns;
using Edge.Gateway;
using Edge.Names;
using Edge.Names.Multicast;
using Edge.Services;
using Edge.Observability;
using Edge.Observability.Export;
using Edge.Observability.Requests;
using Edge.Settings;
using Edge.Stores;
using Edge.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Readiness = Edge.Admin.Readiness;

namespace Edge;

/// <summary>A running Edge: every room, opened in the order in which they need each other, closed in the reverse.</summary>
internal sealed partial class EdgeHost : IAsyncDisposable
{
    // Time in which clients at work learn that their connections end, and in which a short request ends.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    // The same when nobody waits for the end.
    private static readonly TimeSpan LongMoment = TimeSpan.FromSeconds(5);

    // Who has connected and asked nothing yet may do so for as long as the header of a request may take.
    private static readonly TimeSpan FirstRequest = TimeSpan.FromSeconds(15);

    // What has been told to end needs moments: after that it hangs.
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _end = new();
    private readonly TimeProvider _time;
    private readonly ILogger<EdgeHost> _log;
    private readonly ListeningSockets _sockets;
    private readonly Lazy<Task> _release;
    private readonly string _data;
    private readonly SqliteStore _store;
    private readonly CertificateRoom _certificates;
    private readonly BanManager _bans;
    private readonly NamesRoom _names;
    private readonly DockerSource _docker;
    private readonly AdoptedServices _adopted;
    private readonly ServicesRoom _services;
    private readonly WebApplication _web;
    private readonly ObservabilityRoom _observed;
    private readonly Exporter? _exporter;
    private readonly Readiness _readiness;
    private readonly AcmeServerRoom? _acme;
    private readonly AcmeDnsRoom? _acmeDns;
    private readonly DynamicDnsRoom _dynamic;
    private readonly ClockWatch _clock;
    private Task _renewal = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;
    private Task? _drained;
    private EdgeOptions _options;

    private EdgeHost(EdgeOptions options, ListeningSockets sockets, ILoggerFactory logs, TimeProvider time)
    {
        (_options, _sockets, _time, _log, _release) = (options, sockets, time, logs.CreateLogger<EdgeHost>(), new Lazy<Task>(ReleaseOnceAsync));
        var data = _data = DataFolder.Open(options.PathOf(options.Data));
        _store = SqliteStore.Open(data, time, logs.CreateLogger<SqliteStore>());
        NamesRoom? names = null;
        _certificates = CertificateRoom.Open(Certificates(options, logs, time));
        _bans = new BanManager(new BanSetup
        {
            Options = Bans(options),
            IsLan = client => names is not null && WebServer.IsLan(names, client),
            Store = _store,
            Time = time,
            Log = logs.CreateLogger<BanManager>(),
        });
        var answers = new AcmeDnsRecords();
        _acmeDns = options.AcmeDns.Domain is null ? null : new AcmeDnsRoom(AcmeDns(options, logs, time), answers);
        var dynamic = new DynamicRecords(ViewOptions.Lan);
        _dynamic = new DynamicDnsRoom(DynamicDns(options, logs, time), dynamic);
        _names = names = NamesRoom.Open(new NamesSetup
        {
            Domain = options.Domain,
            NodeHost = options.NodeHost,
            ZonesFolder = options.PathOf(options.Zones),
            ZonesShownAs = options.Zones,
            Data = data,
            Views = options.Views,
            Dns = options.Dns,
            Listeners = new ListenerOptions { Inherited = sockets.Take, Opened = sockets.Own },
            Filter = options.Filter,
            Queries = options.Queries,
            HttpsPort = options.PublicHttpsPort,
            HttpsListen = options.Gateway.Https,
            HttpListen = options.Gateway.Http,
            Multicast = options.Multicast,
            Hosts = options.Hosts,
            IsCertified = name => _certificates.Selector.Current.Find(name)?.HasExpired(time.GetUtcNow()) == false,
            OtherSources = [_certificates.Caa, _certificates.Challenges, answers, dynamic],
            CertificateFor = name => _certificates.Selector.Select(name)?.Context,
            Bans = () => _bans.Current,
            Refused = client => _bans.Note(client.ToIPAddress(), OffenceKind.Dns, "dns"),
            Logs = logs,
            Time = time,
        });
        _observed = ObservabilityRoom.Open(options.AccessLog, options.OpenTelemetry.Tracing, time, logs.CreateLogger<AccessLog>());
        _acme = options.AcmeServer.Enabled ? new AcmeServerRoom(AcmeServer(options, logs, time)) : null;
        _web = WebServer.Build(options, _certificates, _names, _bans, _observed, Own(options), sockets, logs, time);
        var (gateway, streams) = (_web.Services.GetRequiredService<RouteTableManager>(), _web.Services.GetRequiredService<StreamManager>());
        _docker = new DockerSource(options.Docker, new ServiceReader(options.Domain, options.Node), MachineLinks.Current, time, logs.CreateLogger<DockerSource>());
        _adopted = new AdoptedServices(_names.Multicast, new ServiceReader(options.Domain, options.Node), time, logs.CreateLogger<AdoptedServices>());
        _services = ServicesRoom.Open(new ServicesSetup
        {
            Folder = options.PathOf(options.Routes),
            ShownAs = options.Routes,
            Domain = options.Domain,
            Node = options.Node,
            Store = _store,
            Others = [_docker, _adopted],
            Announcements = _adopted,
            Certificates = _certificates.Planner,
            Gateway = new ServiceReaders(streams, gateway),
            Names = _names.ServiceReader,
            Destinations = _web.Services.GetRequiredService<DestinationCheck>(),
            Logs = logs,
            Time = time,
        });
        _clock = new ClockWatch(time, _certificates.Manager.Wake, logs.CreateLogger<ClockWatch>());
        var parts = new AdminParts(options, _store, _certificates, _names, _services, gateway, streams, _observed, _bans, _dynamic, time);
        var metrics = new MetricsCollector(parts);
        _readiness = new Readiness(parts, _web.Lifetime.ApplicationStopping);
        _exporter = options.OpenTelemetry.Endpoint is null ? null : new Exporter(options.OpenTelemetry, options.NodeHost, Reporter.Version, metrics.Collect, time);
        AdminApi.Map(_web, parts, new MetricsEndpoint(metrics, options.Metrics), _readiness);
    }

    /// <summary>Opens everything; when it returns, Edge serves.</summary>
    /// <exception cref="StartFailedException">Something is in the way; the message says what and what to do.</exception>
    public static async Task<EdgeHost> StartAsync(EdgeOptions options, ListeningSockets sockets, ILoggerFactory logs, TimeProvider time, CancellationToken cancel)
    {
        // First: who has the folder also has the ports, and is what there is to know.
        FolderLock.RefuseHeld(options.PathOf(options.Data));
        WebServer.CheckPorts(options, sockets);
        var host = new EdgeHost(options, sockets, logs, time);
        try
        {
            await host.OpenAsync(cancel);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes over the settings that can change while Edge runs.</summary>
    public void TakeOver(EdgeOptions options)
    {
        _options = options;
        _names.Use(options.Views, options.Dns, options.Filter, options.Multicast, options.Hosts);
        _names.Queries.Use(options.Queries);
        _web.Services.GetRequiredService<AccessControl>().Use(options.Access);
        _certificates.Use(options.Certificates);
        _observed.Log.Use(options.AccessLog);
        _bans.Use(Bans(options));
        _docker.Use(options.Docker);
    }

    /// <summary>The services in effect.</summary>
    public ServiceSet Services => _services.Catalog.Current;

    /// <summary>The routes that requests go by.</summary>
    public RouteTable Routes => _web.Services.GetRequiredService<RouteTableManager>().Current;

    /// <summary>Zone files as they are now: what is wrong with those that are served all the same, as they were before.</summary>
    public IReadOnlyList<ZoneProblem> LookForKeptZones() => _names.LookForKeptFiles();

    /// <summary>Where DNS listens.</summary>
    public DnsListeners DnsListeners => _names.Listeners;

    /// <summary>
    /// Takes nothing new and lets go of all that only one process may hold, for the one that takes over. The requests under
    /// way go on until this is disposed.
    /// </summary>
    /// <param name="hurry">Ends them as well.</param>
    public async Task YieldAsync(CancellationToken hurry)
    {
        _names.Multicast.IsHandedOver = true;
        await SayFarewellAsync();
        _drained = DrainAsync(LongMoment, _options.Gateway.DrainBehind, "gateway.drain-after-reload", hurry);

        // What the API was asked, it may still write down.
        await Task.WhenAny(_drained, Task.Delay(Moment, _time, CancellationToken.None));
        _web.Services.GetRequiredService<HstsPromises>().KeepLast();
        await ReleaseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_drained is null)
        {
            _names.Multicast.Withdraw();
            await SayFarewellAsync();
            _drained = DrainAsync(Moment, _options.Gateway.Drain, "gateway.drain", CancellationToken.None);
        }

        await _drained;
        await ReleaseAsync();
        await _web.DisposeAsync();
        await _observed.DisposeAsync();
        _end.Dispose();
    }

    private async Task SayFarewellAsync()
    {
        _web.Services.GetRequiredService<Farewell>().Begin();
        await UntilAsync(() => _observed.Connections.Open == 0, Moment, CancellationToken.None);
    }

    // First nobody comes any more, then those who have come go: the web server would close a connection that was accepted
    // and has not asked yet. Streams at ports of their own are beside it.
    private async Task DrainAsync(TimeSpan moment, TimeSpan patience, string setting, CancellationToken hurry)
    {
        _sockets.Close();
        _web.Services.GetRequiredService<StreamManager>().ClosePorts();
        var (connections, streams) = (_observed.Connections, _web.Services.GetRequiredService<StreamForwarder>());
        var (cut, left) = (_web.Services.GetRequiredService<CutRequests>(), (Silent: 0L, Streams: 0L));
        using var end = new CancellationTokenSource();
        void Cut()
        {
            if (end.IsCancellationRequested)
            {
                return;
            }

            left = (connections.Silent, streams.Open);
            cut.Begin();
            end.Cancel();
        }

        using var hurried = hurry.Register(Cut);
        await using var over = _time.CreateTimer(_ => Cut(), null, patience, Timeout.InfiniteTimeSpan);
        await UntilAsync(() => connections.Open == 0, moment, end.Token);
        _web.Services.GetRequiredService<GatewayListeners>().Open.EndIdle();
        await UntilAsync(() => connections.Silent == 0, FirstRequest, end.Token);
        await _web.StopAsync(end.Token);
        await UntilAsync(() => streams.Open == 0, patience, end.Token);
        if (end.IsCancellationRequested && CutOff.Of(cut.Requests, cut.WebSockets, left.Streams, left.Silent) is { } what)
        {
            Log.CutOff(_log, setting, what);
        }
    }

    private async Task UntilAsync(Func<bool> holds, TimeSpan patience, CancellationToken hurry)
    {
        for (var began = _time.GetTimestamp(); !holds() && !hurry.IsCancellationRequested && _time.GetElapsedTime(began) < patience;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time, CancellationToken.None);
        }
    }

    private async Task ReleaseAsync()
    {
        if (await Task.WhenAny(_release.Value, Task.Delay(ReleasePatience, _time, CancellationToken.None)) == _release.Value)
        {
            await _release.Value;
            return;
        }

        // Nobody serves any more, and whoever is to waits for the lock of the data folder, which ends with the process.
        await Console.Error.WriteLineAsync($"edge: something at work does not end within {ReleasePatience.TotalSeconds:0} seconds; the process ends without it");
        Environment.Exit(1);
    }

    private async Task ReleaseOnceAsync()
    {
        await _end.CancelAsync();
        await _services.Loop.StopAsync(CancellationToken.None);
        await Task.WhenAll(_renewal, _watching);
        if (_acme is not null)
        {
            await _acme.DisposeAsync();
        }

        _acmeDns?.Dispose();
        _dynamic.Dispose();
        _exporter?.Dispose();
        _services.Dispose();
        _docker.Dispose();
        await _names.DisposeAsync();
        _certificates.Dispose();
        await _store.DisposeAsync();
    }

    // A proxy that brings others' requests is not who made them.
    private static BanOptions Bans(EdgeOptions options) => options.Access.Bans with { Never = [.. options.Access.Bans.Never, .. options.Gateway.TrustedProxies] };

    // What this box answers under its own name, beside DNS.
    private BoxEndpoint Own(EdgeOptions options) => new(
        options.NodeHost,
        context => _acme?.Takes(context) is true || (_acmeDns is not null && AcmeDnsRoom.Takes(context)) || TakesDynamic(context),
        context => _acmeDns is not null && AcmeDnsRoom.Takes(context) ? _acmeDns.AnswerAsync(context) : TakesDynamic(context) ? _dynamic.AnswerAsync(context) : _acme!.AnswerAsync(context));

    private bool TakesDynamic(HttpContext context) => _options.DynamicDns.IsAtGateway && DynamicDnsRoom.Takes(context);

    private DynamicDnsSetup DynamicDns(EdgeOptions options, ILoggerFactory logs, TimeProvider time)
    {
        var (rates, updates) = (new RateTable(time), RateRule.Parse("60/m")!);
        return new DynamicDnsSetup
        {
            Store = _store,
            Verify = (secret, cancel) => _services.Tokens.VerifyAsync(secret, cancel),
            Zones = () => _names.Zones.Current,
            ServiceAt = host => _services.Catalog.Current.ByHost(host) is { } service ? $"service {service.Name} ({service.Where})" : null,
            Allows = client => rates.Allows("update", ClientKey.Of(client), updates, out _),
            Refused = client => _bans.Note(client, OffenceKind.Auth, options.NodeHost),
            LanView = ViewOptions.Lan,
            Time = time,
            Log = logs.CreateLogger<DynamicDnsRoom>(),
        };
    }

    private CertificateSetup Certificates(EdgeOptions options, ILoggerFactory logs, TimeProvider time) => new()
    {
        Options = options.Certificates,
        Data = _data,
        Node = options.NodeHost,
        Zones = () => _names?.Zones.Current,
        Outside = new OutsideView(() => _names?.Forwarder).AliasOfAsync,
        Addresses = () => [.. ViewAddresses.Resolve(options.Views, MachineAddresses.Current).Single(view => view.View == ViewOptions.Lan).Addresses.Select(address => address.ToString()).Except(["127.0.0.1", "::1"])],
        Store = _store,
        Time = time,
        Logger = logs.CreateLogger<CertificateRoom>(),
    };

    private AcmeDnsSetup AcmeDns(EdgeOptions options, ILoggerFactory logs, TimeProvider time)
    {
        var rates = new RateTable(time);
        var (registrations, updates) = (RateRule.Parse("20/h")!, RateRule.Parse("60/m")!);
        return new AcmeDnsSetup
        {
            Options = options.AcmeDns,
            Store = _store,
            IsLan = client => WebServer.IsLan(_names, client),
            IsOurs = IsOurs,
            Allows = (client, registers) => rates.Allows(registers ? "register" : "update", ClientKey.Of(client), registers ? registrations : updates, out _),
            Refused = client => _bans.Note(client, OffenceKind.Auth, options.NodeHost),
            Time = time,
            Log = logs.CreateLogger<AcmeDnsRoom>(),
        };
    }

    private bool IsOurs(Dns.Wire.Name name) => _names.Zones.Current is var zones && Enumerable.Range(0, zones.Views.Length).Any(view => zones.Find(view, name.Wire) is not null);

    private AcmeServerSetup AcmeServer(EdgeOptions options, ILoggerFactory logs, TimeProvider time) => new()
    {
        Options = options.AcmeServer,
        Node = options.NodeHost,
        Authority = _certificates.Authority,
        Store = _store,
        IsLan = client => _names.Views.Current[_names.Views.Current.Match(client)].Name == ViewOptions.Lan,
        IsOurs = IsOurs,
        IsServed = host => _web.Services.GetRequiredService<RouteTableManager>().Current.ForHost(host).Any(entry => entry.Hosts.Any(pattern => !pattern.IsAny)),
        IsOwnAddress = address => MachineAddresses.Current() is var own && (own.Contains(address) || ViewAddresses.Resolve(options.Views, () => own).Any(view => view.Addresses.Contains(address))),
        Ask = new ClientQuestions(_names.Processor).AskAsync,
        Time = time,
        Log = logs.CreateLogger<AcmeServerRoom>(),
    };

    private async Task OpenAsync(CancellationToken cancel)
    {
        await AdminToken.EnsureAsync(_data, _services.Tokens, cancel);
        _observed.Start();
        await _bans.LoadAsync(cancel);
        if (_acmeDns is not null)
        {
            await _acmeDns.LoadAsync(cancel);
        }

        await _dynamic.Addresses.LoadAsync(cancel);
        await _services.Loop.StartAsync(cancel);
        // The gateway first: a name that is answered leads somewhere. Not to be cancelled half way, which it would
        // report as a failure with a stack trace.
        await _web.StartAsync(CancellationToken.None);
        _names.Start();
        _readiness.Started();
        _renewal = _certificates.Loop.RunAsync(_end.Token);
        _watching = _clock.RunAsync(_end.Token);
    }

    private static partial class Log
    {
        [LoggerMessage(8051, LogLevel.Information, "The time for requests under way is over ({Setting}); cut off: {What}")]
        public static partial void CutOff(ILogger log, string setting, string what);
    }
}
