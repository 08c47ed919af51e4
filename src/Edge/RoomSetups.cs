using Edge.Access;
using Edge.AcmeDns;
using Edge.AcmeServer;
using Edge.Admin;
using Edge.Certificates;
using Edge.Connections;
using Edge.Dns.Listeners;
using Edge.DynamicDns;
using Edge.Gateway;
using Edge.Names;
using Edge.Outward;
using Edge.PortMapping;
using Edge.Services;
using Edge.Settings;
using Edge.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Edge;

/// <summary>
/// What each room is told when it is opened: the settings, and the ways to other rooms. Those are looked up when they are needed, for a
/// room may be opened before the one that it asks.
/// </summary>
internal sealed class RoomSetups(Rooms rooms, EdgeOptions options, ListeningSockets sockets, ILoggerFactory logs, TimeProvider time)
{
    // A proxy that brings others' requests is not who made them.
    public static BanOptions BansOf(EdgeOptions options) => options.Access.Bans with { Never = [.. options.Access.Bans.Never, .. options.Gateway.TrustedProxies] };

    public BanSetup Bans() => new()
    {
        Options = BansOf(options),
        IsLan = client => rooms.Names is not null && WebServer.IsLan(rooms.Names, client),
        LanNetworks = () => rooms.Names?.Views.Current is { } views && views.IndexOf(ViewOptions.Lan) is >= 0 and var lan ? views.NetworksOf(lan) : [],
        Store = rooms.Store,
        Time = time,
        Log = logs.CreateLogger<BanManager>(),
    };

    public NamesSetup Names(AcmeDnsRecords answers, DynamicRecords dynamic) => new()
    {
        Domain = options.Domain,
        NodeHost = options.NodeHost,
        ZonesFolder = options.PathOf(options.Zones),
        ZonesShownAs = options.Zones,
        Data = rooms.Data,
        Views = options.Views,
        Dns = options.Dns,
        Listeners = new ListenerOptions { Inherited = sockets.Take, Opened = sockets.Own },
        Filter = options.Filter,
        Queries = options.Queries,
        HttpsPort = options.PublicHttpsPort,
        HttpsListen = options.Gateway.Https,
        HttpListen = options.Gateway.Http,
        Outside = rooms.Outside,
        Multicast = options.Multicast,
        Hosts = options.Hosts,
        Prefix = options.Prefix,
        IsCertified = name => rooms.Certificates.Selector.Current.Find(name)?.HasExpired(time.GetUtcNow()) == false,
        OtherSources = [rooms.Certificates.Caa, rooms.Certificates.Challenges, answers, dynamic],
        Keeper = rooms.Dynamic.Updates,
        CertificateFor = name => rooms.Certificates.Selector.Select(name)?.Context,
        Bans = () => rooms.Bans.Current,
        Refused = client => rooms.Bans.Note(client.ToIPAddress(), OffenceKind.Dns, "dns"),
        Logs = logs,
        Time = time,
    };

    public ServicesSetup Services(RouteTableManager gateway, StreamManager streams) => new()
    {
        Folder = options.PathOf(options.Routes),
        ShownAs = options.Routes,
        Domain = options.Domain,
        Node = options.Node,
        Store = rooms.Store,
        Others = [rooms.Docker, rooms.Adopted],
        Announcements = rooms.Adopted,
        Certificates = rooms.Certificates.Planner,
        Gateway = new ServiceReaders(streams, gateway),
        Names = rooms.Names.ServiceReader,
        Destinations = rooms.Web.Services.GetRequiredService<DestinationCheck>(),
        Logs = logs,
        Time = time,
    };

    // What this box answers under its own name, beside DNS.
    public BoxEndpoint Own() => new(
        options.NodeHost,
        context => rooms.WayIn.Takes(context) || rooms.Acme?.Takes(context) is true || (rooms.AcmeDns is not null && AcmeDnsRoom.Takes(context)) || TakesDynamic(context),
        context => rooms.WayIn.Takes(context) ? rooms.WayIn.AnswerAsync(context) : rooms.AcmeDns is not null && AcmeDnsRoom.Takes(context) ? rooms.AcmeDns.AnswerAsync(context) : TakesDynamic(context) ? rooms.Dynamic.AnswerAsync(context) : rooms.Acme?.AnswerAsync(context) ?? AnswerNothingAsync(context));

    // What was waited for is over since.
    private static Task AnswerNothingAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private bool TakesDynamic(HttpContext context) => rooms.Options.DynamicDns.IsAtGateway && DynamicDnsRoom.Takes(context);

    public DynamicDnsSetup DynamicDns()
    {
        var (rates, updates) = (new RateTable(time), RateRule.Parse("60/m")!);
        return new DynamicDnsSetup
        {
            Store = rooms.Store,
            Verify = (secret, cancel) => rooms.Services.Tokens.VerifyAsync(secret, cancel),
            VerifyAgain = (token, cancel) => rooms.Services.Tokens.VerifyAsync(token, cancel),
            Keyed = () => rooms.Services.Tokens.Keyed,
            Zones = () => rooms.Names.Zones.Current,
            ServiceAt = host => rooms.Services.Catalog.Current.ByHost(host) is { } service ? $"service {service.Name} ({service.Where})" : null,
            Allows = client => rates.Allows("update", ClientKey.Of(client), updates, out _),
            Refused = client => rooms.Bans.Note(client, OffenceKind.Auth, options.NodeHost),
            LanView = ViewOptions.Lan,
            Time = time,
            Log = logs.CreateLogger<DynamicDnsRoom>(),
        };
    }

    public OutwardSetup Outward() => new()
    {
        Store = rooms.Store,
        Addresses = () => OutwardAddresses.Of(rooms.Outside.Current, InterfaceAddress.Read, rooms.WayIn.State.Facts.Verdict6 == WayInVerdict.Disproved),
        Resolve = async (host, cancel) => IsOurs(Dns.Wire.Name.Parse(host)) ? null : (await rooms.Names.Hosts.FindAsync(host, cancel))?.Addresses,
        Owner = options.NodeHost,
        UserAgent = $"Edge/{Reporter.Version}",
        Time = time,
        Log = logs.CreateLogger<OutwardRoom>(),
    };

    public CertificateSetup Certificates() => new()
    {
        Options = options.Certificates,
        Data = rooms.Data,
        Node = options.NodeHost,
        Zones = () => rooms.Names?.Zones.Current,
        Outside = new OutsideView(() => rooms.Names?.Forwarder).AliasOfAsync,
        Secondaries = zone => [.. TransferRights.Of(rooms.Options.Dns).Peers(zone).Select(peer => peer.EndPoint)],
        Addresses = () => [.. ViewAddresses.Resolve(rooms.Options.Views, MachineAddresses.Current, [], () => rooms.Options.Prefix.Current(InterfaceAddress.Read)).Single(view => view.View == ViewOptions.Lan).Addresses.Select(address => address.ToString()).Except(["127.0.0.1", "::1"])],
        Store = rooms.Store,
        Time = time,
        Logger = logs.CreateLogger<CertificateRoom>(),
    };

    public AcmeDnsSetup AcmeDns()
    {
        var rates = new RateTable(time);
        var (registrations, updates) = (RateRule.Parse("20/h")!, RateRule.Parse("60/m")!);
        return new AcmeDnsSetup
        {
            Options = options.AcmeDns,
            Store = rooms.Store,
            IsLan = client => WebServer.IsLan(rooms.Names, client),
            IsOurs = IsOurs,
            Allows = (client, registers) => rates.Allows(registers ? "register" : "update", ClientKey.Of(client), registers ? registrations : updates, out _),
            Refused = client => rooms.Bans.Note(client, OffenceKind.Auth, options.NodeHost),
            Time = time,
            Log = logs.CreateLogger<AcmeDnsRoom>(),
        };
    }

    private bool IsOurs(Dns.Wire.Name name) => rooms.Names.Zones.Current is var zones && Enumerable.Range(0, zones.Views.Length).Any(view => zones.Find(view, name.Wire) is not null);

    public AcmeServerSetup AcmeServer() => new()
    {
        Options = options.AcmeServer,
        Node = options.NodeHost,
        Authority = rooms.Certificates.Authority,
        Store = rooms.Store,
        IsLan = client => rooms.Names.Views.Current[rooms.Names.Views.Current.Match(client)].Name == ViewOptions.Lan,
        IsOurs = IsOurs,
        IsServed = host => rooms.Web.Services.GetRequiredService<RouteTableManager>().Current.ForHost(host).Any(entry => entry.Hosts.Any(pattern => !pattern.IsAny)),
        ServesBelow = parent => rooms.Web.Services.GetRequiredService<RouteTableManager>().Current.HasBelow(parent),
        IsOwnAddress = address => MachineAddresses.Current() is var own && (own.Contains(address) || ViewAddresses.Resolve(rooms.Options.Views, () => own, rooms.Outside.Current, () => rooms.Options.Prefix.Current(InterfaceAddress.Read)).Any(view => view.Addresses.Contains(address))),
        Ask = new ClientQuestions(rooms.Names.Processor, rooms.Names.Forwarder, IsOurs).AskAsync,
        AskAnew = new ClientQuestions(rooms.Names.Processor, rooms.Names.Forwarder, IsOurs).AskAnewAsync,
        Time = time,
        Log = logs.CreateLogger<AcmeServerRoom>(),
    };
}
