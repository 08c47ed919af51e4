using System.Collections.Immutable;
using System.Net;
using Edge.Certificates;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Gateway;
using Edge.Names;
using Edge.Services;
using Edge.Tests.Certificates;
using Edge.Tests.Names.Leases;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Tests.Services;

/// <summary>A catalogue with every kind of source, and with the readers that serve: names, routes and certificates.</summary>
internal sealed class ChurnedHouse : IDisposable
{
    private readonly TemporaryFolder _data = new();
    private readonly CertificateAuthority _authority;
    private readonly CertificateSelector _selector = new();
    private readonly ZoneManager _zones;
    private readonly ServiceProvider _gateway;
    private readonly RouteTableManager _routes;

    public ChurnedHouse()
    {
        var log = new LogLines();
        _authority = CertificateAuthority.Open(_data.Path, "nas.example.com", TimeProvider.System, log);
        var certificates = new CertificateManager(new CertificateFiles(_data.Path, log), _authority, _selector, [], TimeProvider.System, log);
        certificates.Load();
        var planner = new CertificatePlanner("nas.example.com", static host => host.EndsWith("example.com", StringComparison.Ordinal), certificates);
        planner.Replan();
        ImmutableArray<ViewAddresses> views = [new("lan", [IPAddress.Parse("192.168.1.10")]), new("public", [IPAddress.Parse("203.0.113.10")])];
        var names = new ServiceRecords(Name.Parse("nas.example.com"), views, TimeSpan.FromMinutes(1), 443);
        var files = new SettableSource("files");
        _zones = new ZoneManager(
            [files, new HomeZone(Name.Parse("example.com"), Name.Parse("nas.example.com"), files), new HomeZone(Name.Parse("other.test"), Name.Parse("nas.example.com"), files), names],
            ["lan", "public"], NullLogger.Instance, TimeProvider.System);
        _gateway = new ServiceCollection().AddLogging().AddGateway(new GatewayOptions { Https = [new(IPAddress.Any, 8443)] }, _ => _ => null, _ => _ => false, null).BuildServiceProvider();
        _routes = _gateway.GetRequiredService<RouteTableManager>();
        Catalog = new ServiceCatalog(Sources, planner, _routes, names, NullLogger<ServiceCatalog>.Instance);
        Catalog.Publish();
    }

    public StillSource[] Sources { get; } = [new(SourceKind.File), new(SourceKind.Api), new(SourceKind.Docker), new(SourceKind.Mdns)];

    public ServiceCatalog Catalog { get; }

    /// <summary>Whether clients of a view are told an address for a host that is its own.</summary>
    public bool HasName(string host, int view)
    {
        var name = Name.Parse(host);
        return _zones.Current.Find(view, name.Wire)?.Explain(name, RecordType.A) is { Kind: LookupKind.Answer, FromWildcard: false };
    }

    public bool HasRoute(string host) => _routes.Current.ForHost(host).Any(entry => entry.Refused is null);

    public bool HasCertificate(string host) => _selector.Current.Find(host) is not null;

    public void Dispose()
    {
        _gateway.Dispose();
        _zones.Dispose();
        _authority.Dispose();
        _data.Dispose();
    }
}
