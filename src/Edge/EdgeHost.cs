using Edge.Access;
using Edge.AcmeDns;
using Edge.AcmeServer;
using Edge.Admin;
using Edge.Admin.Metrics;
using Edge.Certificates;
using Edge.Gateway;
using Edge.Names;
using Edge.Services;
using Edge.Observability;
using Edge.Observability.Export;
using Edge.Observability.Requests;
using Edge.Settings;
using Edge.Stores;
using Edge.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Edge;

/// <summary>A running Edge: every room, opened in the order in which they need each other, closed in the reverse.</summary>
internal sealed class EdgeHost : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly string _data;
    private readonly SqliteStore _store;
    private readonly CertificateRoom _certificates;
    private readonly BanManager _bans;
    private readonly NamesRoom _names;
    private readonly ServicesRoom _services;
    private readonly WebApplication _web;
    private readonly ObservabilityRoom _observed;
    private readonly Exporter? _exporter;
    private readonly Readiness _readiness;
    private readonly AcmeServerRoom? _acme;
    private readonly AcmeDnsRoom? _acmeDns;
    private readonly ClockWatch _clock;
    private Task _renewal = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;

    private EdgeHost(EdgeOptions options, ILoggerFactory logs, TimeProvider time)
    {
        var data = _data = DataFolder.Open(options.PathOf(options.Data));
        _store = SqliteStore.Open(data, time, logs.CreateLogger<SqliteStore>());
        NamesRoom? names = null;
        _certificates = CertificateRoom.Open(new CertificateSetup
        {
            Options = options.Certificates,
            Data = data,
            Node = options.NodeHost,
            Zones = () => names?.Zones.Current,
            Outside = new OutsideView(() => names?.Forwarder).AliasOfAsync,
            Addresses = () => [.. ViewAddresses.Resolve(options.Views, MachineAddresses.Current).Single(view => view.View == ViewOptions.Lan).Addresses.Select(address => address.ToString()).Except(["127.0.0.1", "::1"])],
            Store = _store,
            Time = time,
            Logger = logs.CreateLogger<CertificateRoom>(),
        });
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
        _names = names = NamesRoom.Open(new NamesSetup
        {
            Domain = options.Domain,
            NodeHost = options.NodeHost,
            ZonesFolder = options.PathOf(options.Zones),
            ZonesShownAs = options.Zones,
            Data = data,
            Views = options.Views,
            Dns = options.Dns,
            Filter = options.Filter,
            Queries = options.Queries,
            HttpsPort = options.PublicHttpsPort,
            HttpsListen = options.Gateway.Https,
            IsCertified = name => _certificates.Selector.Current.Find(name)?.HasExpired(time.GetUtcNow()) == false,
            OtherSources = [_certificates.Caa, _certificates.Challenges, answers],
            CertificateFor = name => _certificates.Selector.Select(name)?.Context,
            Bans = () => _bans.Current,
            Refused = client => _bans.Note(client.ToIPAddress(), OffenceKind.Dns, "dns"),
            Logs = logs,
            Time = time,
        });
        _observed = ObservabilityRoom.Open(options.AccessLog, options.OpenTelemetry.Tracing, time, logs.CreateLogger<AccessLog>());
        _acme = options.AcmeServer.Enabled ? new AcmeServerRoom(AcmeServer(options, logs, time)) : null;
        _web = WebServer.Build(options, _certificates, _names, _bans, _observed, Own(options), logs, time);
        var gateway = _web.Services.GetRequiredService<RouteTableManager>();
        var streams = _web.Services.GetRequiredService<StreamManager>();
        _services = ServicesRoom.Open(new ServicesSetup
        {
            Folder = options.PathOf(options.Routes),
            ShownAs = options.Routes,
            Domain = options.Domain,
            Node = options.Node,
            Store = _store,
            Certificates = _certificates.Planner,
            Gateway = new ServiceReaders(streams, gateway),
            Names = _names.Services,
            Destinations = _web.Services.GetRequiredService<DestinationCheck>(),
            Logs = logs,
            Time = time,
        });
        _clock = new ClockWatch(time, _certificates.Manager.Wake, logs.CreateLogger<ClockWatch>());
        var parts = new AdminParts(options, _store, _certificates, _names, _services, gateway, streams, _observed, _bans, time);
        var metrics = new MetricsCollector(parts);
        _readiness = new Readiness(parts, _web.Lifetime.ApplicationStopping);
        _exporter = options.OpenTelemetry.Endpoint is null ? null : new Exporter(options.OpenTelemetry, options.NodeHost, Reporter.Version, metrics.Collect, time);
        AdminApi.Map(_web, parts, new MetricsEndpoint(metrics, options.Metrics), _readiness);
    }

    /// <summary>Opens everything; when it returns, Edge serves.</summary>
    /// <exception cref="StartFailedException">Something is in the way; the message says what and what to do.</exception>
    public static async Task<EdgeHost> StartAsync(EdgeOptions options, ILoggerFactory logs, TimeProvider time, CancellationToken cancel)
    {
        WebServer.CheckPorts(options);
        var host = new EdgeHost(options, logs, time);
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
        _names.Use(options.Views, options.Dns, options.Filter);
        _names.Queries.Use(options.Queries);
        _web.Services.GetRequiredService<AccessControl>().Use(options.Access);
        _certificates.Use(options.Certificates);
        _observed.Log.Use(options.AccessLog);
        _bans.Use(Bans(options));
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _web.StopAsync(CancellationToken.None);
        await _services.Loop.StopAsync(CancellationToken.None);
        await Task.WhenAll(_renewal, _watching);
        await _web.DisposeAsync();
        if (_acme is not null)
        {
            await _acme.DisposeAsync();
        }

        _acmeDns?.Dispose();
        await _observed.DisposeAsync();
        _exporter?.Dispose();
        _services.Dispose();
        await _names.DisposeAsync();
        _certificates.Dispose();
        await _store.DisposeAsync();
        _end.Dispose();
    }

    // A proxy that brings others' requests is not who made them.
    private static BanOptions Bans(EdgeOptions options) => options.Access.Bans with { Never = [.. options.Access.Bans.Never, .. options.Gateway.TrustedProxies] };

    // What this box answers under its own name, beside DNS.
    private BoxEndpoint Own(EdgeOptions options) => new(
        options.NodeHost,
        context => _acme?.Takes(context) is true || (_acmeDns is not null && AcmeDnsRoom.Takes(context)),
        context => _acmeDns is not null && AcmeDnsRoom.Takes(context) ? _acmeDns.AnswerAsync(context) : _acme!.AnswerAsync(context));

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

        await _services.Loop.StartAsync(cancel);
        // The gateway first: a name that is answered leads somewhere. Not to be cancelled half way, which it would
        // report as a failure with a stack trace.
        await _web.StartAsync(CancellationToken.None);
        _names.Start();
        _readiness.Started();
        _renewal = _certificates.Loop.RunAsync(_end.Token);
        _watching = _clock.RunAsync(_end.Token);
    }
}
