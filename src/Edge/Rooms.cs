using Edge.Access;
using Edge.AcmeDns;
using Edge.AcmeServer;
using Edge.Admin;
using Edge.Admin.Metrics;
using Edge.Certificates;
using Edge.Connections;
using Edge.Docker;
using Edge.DynamicDns;
using Edge.Gateway;
using Edge.Names;
using Edge.Names.Multicast;
using Edge.Services;
using Edge.Observability;
using Edge.Observability.Export;
using Edge.Observability.Requests;
using Edge.Outward;
using Edge.PortMapping;
using Edge.Settings;
using Edge.Stores;
using Edge.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Readiness = Edge.Admin.Readiness;

namespace Edge;

/// <summary>Every room of a running Edge, opened in the order in which they need each other, closed in the reverse.</summary>
internal sealed class Rooms : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Exporter? _exporter;
    private readonly Readiness _readiness;
    private readonly ClockWatch _clock;
    private Task _renewal = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;

    public Rooms(EdgeOptions options, ListeningSockets sockets, ILoggerFactory logs, TimeProvider time)
    {
        var setups = new RoomSetups(this, options, sockets, logs, time);
        Options = options;
        Data = DataFolder.Open(options.PathOf(options.Data));
        Store = SqliteStore.Open(Data, time, logs.CreateLogger<SqliteStore>());
        Certificates = CertificateRoom.Open(setups.Certificates());
        Bans = new BanManager(setups.Bans());
        var answers = new AcmeDnsRecords();
        AcmeDns = options.AcmeDns.Domain is null ? null : new AcmeDnsRoom(setups.AcmeDns(), answers);
        var dynamic = new DynamicRecords(ViewOptions.Lan);
        Dynamic = new DynamicDnsRoom(setups.DynamicDns(), dynamic);
        Names = NamesRoom.Open(setups.Names(answers, dynamic));
        Observed = ObservabilityRoom.Open(options.AccessLog, options.OpenTelemetry.Tracing, time, logs.CreateLogger<AccessLog>());
        Outward = new OutwardRoom(setups.Outward(), options.Outward);
        Acme = options.AcmeServer.Enabled ? new AcmeServerRoom(setups.AcmeServer()) : null;
        WayIn = WayInRoom.Open(options, Data, Outside, Names, () => Services?.Catalog.Current ?? ServiceSet.Empty, logs, time);
        Web = WebServer.Build(options, Certificates, Names, Bans, Observed, setups.Own(), sockets, logs, time);
        var (gateway, streams) = (Web.Services.GetRequiredService<RouteTableManager>(), Web.Services.GetRequiredService<StreamManager>());
        Docker = new DockerSource(options.Docker, new ServiceReader(options.Domain, options.Node), MachineLinks.Current, time, logs.CreateLogger<DockerSource>());
        Adopted = new AdoptedServices(Names.Multicast, new ServiceReader(options.Domain, options.Node), time, logs.CreateLogger<AdoptedServices>());
        Services = ServicesRoom.Open(setups.Services(gateway, streams));
        _clock = new ClockWatch(time, Certificates.Manager.Wake, logs.CreateLogger<ClockWatch>());
        var parts = new AdminParts(options, Store, Certificates, Names, Services, gateway, streams, Observed, Bans, Web.Services.GetRequiredService<AccessControl>(), Dynamic, Outward, WayIn, time);
        var metrics = new MetricsCollector(parts);
        _readiness = new Readiness(parts, Web.Lifetime.ApplicationStopping);
        _exporter = options.OpenTelemetry.Endpoint is null ? null : new Exporter(options.OpenTelemetry, options.NodeHost, Reporter.Version, metrics.Collect, time);
        AdminApi.Map(Web, parts, new MetricsEndpoint(metrics, options.Metrics), _readiness);
    }

    public EdgeOptions Options { get; private set; }

    /// <summary>The data folder, a full path.</summary>
    public string Data { get; }

    public SqliteStore Store { get; }

    public CertificateRoom Certificates { get; }

    public BanManager Bans { get; }

    public NamesRoom Names { get; }

    public DockerSource Docker { get; }

    /// <summary>The services that devices of the LAN announce and that were adopted.</summary>
    public AdoptedServices Adopted { get; }

    public ServicesRoom Services { get; }

    public WebApplication Web { get; }

    public ObservabilityRoom Observed { get; }

    public AcmeServerRoom? Acme { get; }

    public AcmeDnsRoom? AcmeDns { get; }

    public DynamicDnsRoom Dynamic { get; }

    /// <summary>Where this box is reached from the internet.</summary>
    public PublicAddresses Outside { get; } = new();

    public PortMappingRoom WayIn { get; }

    public OutwardRoom Outward { get; }

    /// <summary>Begins to serve.</summary>
    public async Task OpenAsync(CancellationToken cancel)
    {
        await AdminToken.EnsureAsync(Data, Services.Tokens, cancel);
        Observed.Start();
        await Bans.LoadAsync(cancel);
        if (AcmeDns is not null)
        {
            await AcmeDns.LoadAsync(cancel);
        }

        Services.Tokens.Changed += () => Names.Use(() => Services.Tokens.Keyed.Values);
        await Services.Tokens.LoadAsync(cancel);
        await Dynamic.Addresses.LoadAsync(cancel);
        await Services.Loop.StartAsync(cancel);
        // The gateway first: a name that is answered leads somewhere. Not to be cancelled half way, which it would
        // report as a failure with a stack trace.
        await Web.StartAsync(CancellationToken.None);
        Names.Start();
        _readiness.Started();
        WayIn.Start();
        _renewal = Certificates.Loop.RunAsync(_end.Token);
        _watching = Task.WhenAll(_clock.RunAsync(_end.Token), Dynamic.RunAsync(_end.Token), Outward.RunAsync(_end.Token));
    }

    /// <summary>Takes over the settings that can change while Edge runs.</summary>
    public void TakeOver(EdgeOptions options)
    {
        Options = options;
        Names.Use(options.Views, options.Dns, options.Filter, options.Multicast, options.Hosts, options.Prefix);
        Names.Queries.Use(options.Queries);
        Web.Services.GetRequiredService<AccessControl>().Use(options.Access);
        Certificates.Use(options.Certificates);
        Observed.Log.Use(options.AccessLog);
        Bans.Use(RoomSetups.BansOf(options));
        WayIn.Use(WayInRoom.Wish(options));
        Outward.Use(options.Outward);
        Docker.Use(options.Docker);
    }

    /// <summary>Ends what only one process may do, in the reverse order. Once.</summary>
    public async Task ReleaseAsync()
    {
        await _end.CancelAsync();
        await Services.Loop.StopAsync(CancellationToken.None);
        // A loop that has failed keeps nothing else open.
        await Task.WhenAll(_renewal, _watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Acme is not null)
        {
            await Acme.DisposeAsync();
        }

        await WayIn.DisposeAsync();
        AcmeDns?.Dispose();
        Dynamic.Dispose();
        Outward.Dispose();
        _exporter?.Dispose();
        Services.Dispose();
        Docker.Dispose();
        await Names.DisposeAsync();
        Certificates.Dispose();
        await Store.DisposeAsync();
    }

    /// <summary>Ends what is left when everything is released: the web server, and the log of its requests.</summary>
    public async ValueTask DisposeAsync()
    {
        await Web.DisposeAsync();
        await Observed.DisposeAsync();
        _end.Dispose();
    }
}
