using Edge.Access;
using Edge.Certificates;
using Edge.DynamicDns;
using Edge.Gateway;
using Edge.Names;
using Edge.Observability;
using Edge.Outward;
using Edge.PortMapping;
using Edge.Services;
using Edge.Stores;
using Edge.Streams;

namespace Edge.Admin;

/// <summary>The rooms that the API reads.</summary>
internal sealed record AdminParts(
    EdgeOptions Options,
    IStore Store,
    CertificateRoom Certificates,
    NamesRoom Names,
    ServicesRoom Services,
    RouteTableManager Routes,
    StreamManager Streams,
    ObservabilityRoom Observed,
    BanManager Bans,
    AccessControl Access,
    DynamicDnsRoom Dynamic,
    OutwardRoom Outward,
    PortMappingRoom WayIn,
    TimeProvider Time)
{
    public Explainer Explainer { get; } = new(
        Names.Zones,
        () => Names.Secondaries.Unavailable,
        Names.Views,
        Names.Updates,
        Names.Leases,
        Names.Multicast.Hosts,
        new FilterExplainer(Names.Filter, Names.Forwarder),
        new ResolverExplainer(Names.Forwarder),
        Services.Catalog,
        Certificates.Selector,
        Routes,
        Streams,
        new AccessExplainer(Access, Bans));

    public ServedState Served { get; } = new(Names.Zones, Certificates, Routes, Streams, Options.PublicHttpsPort);
}
