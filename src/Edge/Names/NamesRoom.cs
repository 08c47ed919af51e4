using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using System.Text;
using Edge.Dns.Listeners;
using Edge.Dns.Nameserver;
using Edge.Dns.Queries;
using Edge.Dns.Resolver;
using Edge.Dns.Signing;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Transfer;
using Edge.Dns.Tsig;
using Edge.Dns.Update;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.Aliases;
using Edge.Names.Designation;
using Edge.Names.Filtering;
using Edge.Names.Leases;
using Edge.Names.Multicast;
using Edge.Services;
using Microsoft.Extensions.Logging;

namespace Edge.Names;

/// <summary>The names of a running Edge, put together: zones from files and services, views, the resolver, and the engine that answers.</summary>
internal sealed class NamesRoom : IAsyncDisposable
{
    private readonly OnLinkPrefixes _onLink;
    private readonly ZoneFileSource _files;
    private readonly ServedSerialsFile _serials;
    private readonly AliasSource _aliases;
    private readonly DnsListeners _listeners;
    private readonly CookieSecretFile? _cookieSecrets;
    private readonly RateLimitReport _rateLimitReport;
    private readonly ResolverDesignation _designation;
    private readonly ZoneTransfers _transfers;
    private readonly CatalogSource _catalogs;
    private readonly ResolverSettings _resolving;
    private readonly SettledServices _settled;
    private readonly PublicAddresses _outside;
    private readonly HomePrefixes _prefixes;
    private ImmutableArray<ViewOptions> _views;
    private DnsOptions _dns;
    private volatile RequestKeySet _keys;
    private volatile FrozenDictionary<Name, UpdateKey> _updaters;
    private readonly Lock _keysGate = new();
    private ImmutableArray<RequestKey> _ofTokens = [];

    private NamesRoom(NamesSetup setup)
    {
        var (logs, time) = (setup.Logs, setup.Time);
        (_views, _outside) = (setup.Views, setup.Outside);
        _onLink = new OnLinkPrefixes(time, logs.CreateLogger<OnLinkPrefixes>());
        Views = new ViewManager(Declared(setup.Views), _onLink);
        ImmutableArray<string> names = [.. setup.Views.Select(view => view.Name)];
        _files = new ZoneFileSource(setup.ZonesFolder, setup.ZonesShownAs, names, logs.CreateLogger<ZoneFileSource>(), time);
        _files.Load();
        _serials = ServedSerialsFile.Open(setup.Data, logs.CreateLogger<ServedSerialsFile>());
        var node = Name.Parse(setup.NodeHost);
        _prefixes = new HomePrefixes(InterfaceAddress.Read, time, logs.CreateLogger<HomePrefixes>());
        _prefixes.Use(setup.Prefix, setup.Views);
        Services = new ServiceRecords(node, Addresses(setup.Views), setup.Dns.ServiceTtl, setup.HttpsPort);
        _keys = Shared(setup.Dns.Keys);
        _updaters = Updaters(setup.Dns.Keys);
        Secondaries = new SecondaryZones(TransferRights.Followed(setup.Dns), Path.Combine(setup.Data, "secondaries"), () => _keys, time, logs.CreateLogger<SecondaryZones>());
        _catalogs = new CatalogSource(setup.Dns.Catalogs, time);
        Updates = UpdateManager.Open(Path.Combine(setup.Data, "updates.journal"), logs.CreateLogger<UpdateManager>(), time);
        Leases = new LeaseNames(node, Name.Parse(setup.Domain), [_files, Secondaries, _catalogs], time, logs.CreateLogger<LeaseNames>());
        _designation = new ResolverDesignation(node, Encrypted(setup), () => setup.IsCertified(setup.NodeHost), time);
        _designation.Use(Told(setup.Views, setup.Dns));
        LeaseFiles = new LeaseFollower(setup.Dns.Leases, Leases, time, logs.CreateLogger<LeaseFollower>());
        _settled = new SettledServices(time, logs.CreateLogger<SettledServices>());
        ServiceReader = new ServiceReaders(Services, _settled);
        Multicast = new MulticastRoom(Neighbours(setup), setup.Multicast, setup.Hosts);
        ImmutableArray<IZoneSource> sources = [_files, Secondaries, _catalogs, .. Home(setup, node), Services, Discovery(setup), _designation, Leases, Multicast.Hosts, _prefixes, .. setup.OtherSources];
        Signing = new SigningManager(new KeyFolder(Path.Combine(setup.Data, "dnssec")), Signed(setup.Dns), time, logs.CreateLogger<SigningManager>());
        _aliases = new AliasSource((target, type, cancel) => AliasTargets.AskAsync(Forwarder!, target, type, cancel), time, logs.CreateLogger<AliasSource>());
        Zones = new ZoneManager([.. sources, Updates, _aliases, Signing], names, logs.CreateLogger<ZoneManager>(), time, _serials);
        _catalogs.Follow(Zones);
        Leases.Follow(Zones);
        Multicast.Follow(Zones);
        _dns = setup.Dns;
        _resolving = new ResolverSettings(IsOurs, setup.Dns.Listen, new OwnDelegations(() => Zones.Current, MayAsk), setup.Data);
        Forwarder = new Forwarder(_resolving.Of(setup.Dns, setup.Filter), time, logs.CreateLogger<Forwarder>());
        var download = ListDownload.Create(new OwnResolution(Forwarder, () => Zones.Current).ResolveAsync, time);
        Filter = new FilterManager(setup.Filter, setup.Data, download, time, logs.CreateLogger<FilterManager>());
        Hosts = new HostLookup(Forwarder, () => Zones.Current);
        _aliases.Follow(Zones);
        Exchanges = new ExchangeDesk(() => _keys, time, logs.CreateLogger<ExchangeDesk>());
        Exchanges.Handle(Opcode.Update, new UpdateHandler(Updates, name => _updaters.GetValueOrDefault(name), sources, [Secondaries, _catalogs], time, logs.CreateLogger<UpdateHandler>()) { Keeper = setup.Keeper });
        _transfers = new ZoneTransfers(
            Zones, () => Views.Current, () => _keys, Exchanges, TransferRights.Of(setup.Dns), [.. setup.Dns.Listen.Select(endPoint => endPoint.Address)], time, logs, Signing);
        Exchanges.Handle(Opcode.Notify, Secondaries);
        var transports = setup.Dns.Transports;
        _cookieSecrets = transports.Cookies == "false" ? null : CookieSecretFile.Open(setup.Data, time, logs.CreateLogger<CookieSecretFile>());
        RateLimiter = new RateLimiter(transports.RateLimit);
        _rateLimitReport = new RateLimitReport(RateLimiter, time, logs.CreateLogger<RateLimitReport>());
        Queries = new QueryLog(setup.Queries, view => Views.Current.Views.ElementAtOrDefault(view)?.Name ?? "-", TransportKinds.Names, time, logs.CreateLogger<QueryLog>());
        Processor = new QueryProcessor(() => Zones.Current, () => Views.Current, Forwarder, Exchanges, Answering(setup, _cookieSecrets?.Cookies, RateLimiter))
        {
            Unavailable = () => Secondaries.Unavailable,
            Signers = () => Signing.Signers,
            Filter = () => Filter.Policy,
            Queries = Queries,
            Bans = setup.Bans,
            Refused = setup.Refused,
        };
        _listeners = DnsListeners.Bind(setup.Dns.Listen, Processor, setup.Listeners, time, logs, new EncryptedEndPoints(transports.Tls, setup.CertificateFor) { Quic = transports.Quic });
        _onLink.Changed += _prefixes.Look;
        _onLink.Changed += FollowAddresses;
        _outside.Changed += FollowAddresses;
        _prefixes.Moved += FollowAddresses;
    }

    /// <summary>The zones served, and the one writer of them.</summary>
    public ZoneManager Zones { get; }

    /// <summary>The views, and the one writer of them.</summary>
    public ViewManager Views { get; }

    /// <summary>The keys of signed zones, and the one writer of them.</summary>
    public SigningManager Signing { get; }

    /// <summary>The reader of the service catalogue that makes names of services.</summary>
    public ServiceRecords Services { get; }

    /// <summary>All who follow the services on behalf of names.</summary>
    public IServiceReader ServiceReader { get; }

    /// <summary>What is said and heard without a server.</summary>
    public MulticastRoom Multicast { get; }

    /// <summary>The names of DHCP clients.</summary>
    public LeaseNames Leases { get; }

    /// <summary>The files that the names of DHCP clients come from.</summary>
    public LeaseFollower LeaseFiles { get; }

    /// <summary>The sockets of the engine, and how many connections there are.</summary>
    public DnsListeners Listeners => _listeners;

    /// <summary>Limits answers to strangers, and counts those it held back.</summary>
    public RateLimiter RateLimiter { get; }

    /// <summary>Answers a query, however it came.</summary>
    public QueryProcessor Processor { get; }

    /// <summary>What is asked, by whom, and how it was answered.</summary>
    public QueryLog Queries { get; }

    /// <summary>The way to names that are not ours.</summary>
    public Forwarder Forwarder { get; }

    /// <summary>The addresses of hosts that settings name.</summary>
    public HostLookup Hosts { get; }

    /// <summary>What is blocked for whom, and the one writer of it.</summary>
    public FilterManager Filter { get; }

    /// <summary>What updates have changed, and the one writer of it.</summary>
    public UpdateManager Updates { get; }

    /// <summary>Where transfers, NOTIFY, UPDATE and signed queries are answered.</summary>
    public ExchangeDesk Exchanges { get; }

    /// <summary>The zones that other servers have and we follow.</summary>
    public SecondaryZones Secondaries { get; }

    /// <summary>What is wrong with the zone files now.</summary>
    public IReadOnlyList<ZoneProblem> Problems => _files.Problems;

    /// <summary>Looks at the zone files at once; what is wrong with those that are served as they were before.</summary>
    public IReadOnlyList<ZoneProblem> LookForKeptFiles() => _files.LookForKept();

    /// <summary>Opens the sockets and loads the zones; nothing is answered before <see cref="Start"/>.</summary>
    /// <exception cref="ListenException">An endpoint cannot be opened; the message says which and what to do.</exception>
    public static NamesRoom Open(NamesSetup setup) => new(setup);

    /// <summary>Answers queries and follows the files.</summary>
    public void Start()
    {
        _listeners.Start();
        Queries.Start();
        _files.Start();
        LeaseFiles.Start();
        _transfers.Start();
        Secondaries.Start();
        Filter.Start();
        Multicast.Start();
    }

    /// <summary>Takes over views of the same names with other clients or addresses, other upstreams, keys, filters, hosts and another prefix.</summary>
    public void Use(ImmutableArray<ViewOptions> views, DnsOptions dns, FilterOptions filter, MulticastOptions multicast, ImmutableArray<HostSetting> hosts, PrefixOptions prefix)
    {
        _prefixes.Use(prefix, views);
        Filter.Use(filter);
        lock (_keysGate)
        {
            _dns = dns;
            (_keys, _updaters) = (Shared(dns.Keys), Updaters(dns.Keys));
        }

        _transfers.Use(TransferRights.Of(dns));
        Secondaries.Use(TransferRights.Followed(dns));
        _catalogs.Use(dns.Catalogs);
        LeaseFiles.Use(dns.Leases);
        _views = views;
        Views.Declare(Declared(views));
        FollowAddresses();
        Multicast.Use(multicast, hosts);
        Signing.Use(Signed(dns));
        Forwarder.Configure(_resolving.Of(dns, filter));
    }

    /// <summary>Takes over the keys of tokens, with which their owners sign updates.</summary>
    /// <param name="tokens">Gives those that have one now: who comes late must not bring back what was before.</param>
    public void Use(Func<IEnumerable<Token>> tokens)
    {
        lock (_keysGate)
        {
            _ofTokens = [.. tokens().Select(token => new RequestKey(new TsigKey(Name.Parse(token.Name), TsigAlgorithm.HmacSha256, token.Key.Span)))];
            _keys = Shared(_dns.Keys);
        }
    }

    /// <summary>Whether the settings have a key of that name.</summary>
    public bool HasKey(string name) => Name.TryParse(name, Name.Root, out var key, out _) && _updaters.ContainsKey(key);

    public async ValueTask DisposeAsync()
    {
        _settled.Dispose();
        await Multicast.DisposeAsync();
        await _listeners.DisposeAsync();
        await LeaseFiles.DisposeAsync();
        await Queries.DisposeAsync();
        await Updates.DisposeAsync();
        await _transfers.DisposeAsync();
        await Secondaries.DisposeAsync();
        await _files.DisposeAsync();
        await _aliases.DisposeAsync();
        _onLink.Changed -= FollowAddresses;
        _outside.Changed -= FollowAddresses;
        _onLink.Changed -= _prefixes.Look;
        _prefixes.Dispose();
        Views.Dispose();
        _onLink.Dispose();
        _designation.Dispose();
        _rateLimitReport.Dispose();
        _cookieSecrets?.Dispose();
        await Filter.DisposeAsync();
        Forwarder.Dispose();
        Zones.Dispose();
        _serials.Dispose();
        Signing.Dispose();
    }

    private static ImmutableDictionary<Name, ZoneSigningOptions> Signed(DnsOptions dns) =>
        dns.Zones.Where(zone => zone.Sign is not null).ToImmutableDictionary(zone => zone.Origin, zone => zone.Sign!);

    private void FollowAddresses()
    {
        Services.Use(Addresses(_views));
        _designation.Use(Told(_views, _dns));
        Multicast.LookAtLinks();
    }

    private DiscoveryRecords Discovery(NamesSetup setup)
    {
        (string Type, int Port)[] ways = [.. setup.HttpListen.Take(1).Select(place => ("_http._tcp", place.Port)), .. setup.HttpsListen.Take(1).Select(_ => ("_https._tcp", setup.HttpsPort))];
        return new DiscoveryRecords(Name.Parse(setup.Domain), setup.Dns.ServiceTtl, [.. ways.Where(way => way.Port != 0)], _settled);
    }

    private MulticastSetup Neighbours(NamesSetup setup) => new()
    {
        Gateway = new GatewayPlaces(setup.HttpListen, setup.HttpsListen),
        Services = _settled,
        Data = setup.Data,
        IsLan = address => Views.Current[Views.Current.Match(address)].Name == ViewOptions.Lan,
        Logs = setup.Logs,
        Time = setup.Time,
    };

    // Clients that may not ask for all names would find a resolver that refuses them.
    private ImmutableArray<ViewAddresses> Told(ImmutableArray<ViewOptions> views, DnsOptions dns) =>
        dns.Advertise ? Addresses([.. views.Where(view => view.Recursion)]) : [];

    private ImmutableArray<ViewAddresses> Addresses(ImmutableArray<ViewOptions> views) => ViewAddresses.Resolve(views, MachineAddresses.Current, _outside.Current, _prefixes.Prefixes);

    private static EncryptedListeners Encrypted(NamesSetup setup)
    {
        var transports = setup.Dns.Transports;
        return new EncryptedListeners(transports.Tls, transports.Https ? setup.HttpsListen : [], setup.HttpsPort, EncryptedEndPoints.QuicIsSupported ? transports.Quic : []);
    }

    private static NameserverOptions Answering(NamesSetup setup, ServerCookies? cookies, RateLimiter limiter) => new()
    {
        Cookies = cookies,
        CookiesRequired = setup.Dns.Transports.Cookies == "required",
        Nsid = [.. Encoding.UTF8.GetBytes(setup.Dns.Transports.Nsid)],
        TrustedSubnetSources = setup.Dns.Transports.TrustedSubnetSources,
        RateLimiter = limiter,
        IdleTimeout = new ListenerOptions().IdleTimeout,
        Time = setup.Time,
    };

    // A zone around the domain that comes from elsewhere is waited for, and not made up meanwhile.
    private HomeZone[] Home(NamesSetup setup, Name node)
    {
        var domain = Name.Parse(setup.Domain);
        return TransferRights.Followed(setup.Dns).Any(zone => zone.View is null && domain.IsAtOrBelow(zone.Origin)) ? [] : [new HomeZone(domain, node, _files)];
    }

    private bool MayAsk(string view) => Views.Current.Views.Any(known => known.Name == view && known.Recursion);

    private bool IsOurs(Name name) => Enumerable.Range(0, Zones.Current.Views.Length).Any(view => Zones.Current.Find(view, name.Wire) is not null);

    // A key of the settings goes before one of a token.
    private RequestKeySet Shared(ImmutableArray<KeyOptions> keys) =>
        new([.. keys.Select(key => new RequestKey(key.Key, key.View)).Concat(_ofTokens).DistinctBy(key => key.Key.Name)]);

    private static FrozenDictionary<Name, UpdateKey> Updaters(ImmutableArray<KeyOptions> keys) =>
        keys.ToFrozenDictionary(key => key.Key.Name, key => new UpdateKey(key.Key.Name, key.View, key.Update));

    private static ImmutableArray<View> Declared(ImmutableArray<ViewOptions> views) =>
        [.. views.Select(view => View.Declare(view.Name, view.Clients, view.Recursion, view.AskedAt))];
}
