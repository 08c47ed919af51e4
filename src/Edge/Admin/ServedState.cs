using System.Collections.Immutable;
using System.Net;
using Edge.Certificates;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Gateway;
using Edge.Services;
using Edge.Streams;

namespace Edge.Admin;

/// <summary>Looks up how a service is served at this moment, in the same snapshots that answer clients.</summary>
internal sealed class ServedState(ZoneManager zones, CertificateRoom certificates, RouteTableManager routes, StreamManager streams, int httpsPort) : IServiceStatus
{
    public ServiceStatus? Of(Service service) => Look()(service);

    /// <summary>The same for many services: what is collected for all of them is collected once.</summary>
    public Func<Service, ServiceStatus?> Look()
    {
        var failed = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var status in certificates.Manager.Status().Where(status => status.Reason is not null))
        {
            foreach (var name in status.Names)
            {
                failed.TryAdd(name, status.Reason!);
            }
        }

        var refused = routes.Problems;
        var ports = streams.Problems;
        return service => Of(service, failed, refused, ports);
    }

    private ServiceStatus Of(Service service, Dictionary<string, string> failed, IReadOnlyList<Settings.Problem> refused, ImmutableArray<Settings.Problem> ports)
    {
        var reports = service.Hosts.SelectMany(host => routes.Current.ForHost(host)).Where(entry => IsOf(entry.Id, "service:", service.Name)).Distinct().Select(RouteReport.Of).ToArray();
        return new ServiceStatus(
            service.Stream is null ? [.. service.Hosts.Where(host => !host.StartsWith("*.", StringComparison.Ordinal)).Select(Url)] : [],
            [.. service.Hosts.SelectMany(Names)],
            service.Stream is null ? Route(service, reports, refused) : Find(ports, service) is { } problem ? $"refused: {problem.Message}{(problem.Hint is { } hint ? $" ({hint})" : "")}" : "live",
            service.Stream is null ? [.. service.Hosts.Select(host => Certificate(host, failed))] : [])
        {
            Destinations = [.. reports.SelectMany(report => report.Destinations).GroupBy(one => one.Address).Select(Health)],
        };
    }

    // Where routes of a service share one, what keeps requests from it is worth more than that others reach it.
    private static ServiceStatus.DestinationHealth Health(IGrouping<string, DestinationReport> same) =>
        new(same.Key, (same.FirstOrDefault(one => !one.InUse && one.Health != "unknown") ?? same.First()).Health);

    private string Url(string host) => httpsPort == 443 ? $"https://{host}/" : $"https://{host}:{httpsPort}/";

    private IEnumerable<ServiceStatus.ViewName> Names(string host)
    {
        var current = zones.Current;
        var name = Name.Parse(host);
        for (var view = 0; view < current.Views.Length; view++)
        {
            if (current.Find(view, name.Wire) is { } zone)
            {
                yield return new ServiceStatus.ViewName(current.Views[view], host, [.. Addresses(zone, name, RecordType.A), .. Addresses(zone, name, RecordType.AAAA)], Alias(zone, name));
            }
        }
    }

    private static IEnumerable<string> Addresses(Zone zone, Name name, RecordType type) => zone.Explain(name, type) is { Kind: LookupKind.Answer, FromWildcard: false } found
        ? found.RRsets.SelectMany(set => set.Data).Select(data => new IPAddress(data.Wire).ToString())
        : [];

    private static string? Alias(Zone zone, Name name) => zone.Explain(name, RecordType.A) is { Kind: LookupKind.Cname, FromWildcard: false } found
        ? Name.FromWire(found.RRsets[0].Data[0].Wire).ToHostString()
        : null;

    private static string? Route(Service service, RouteReport[] reports, IReadOnlyList<Settings.Problem> problems) => reports.Length == 0
        ? Find(problems, service) is { } problem ? $"refused: {problem.Message}" : null
        : reports.FirstOrDefault(report => report.Refused is not null)?.Refused is { } refused ? $"refused: {refused.Message}" : "live";

    private static Settings.Problem? Find(IEnumerable<Settings.Problem> problems, Service service) => problems.FirstOrDefault(problem => IsOf(problem.Field, "services.", service.Name));

    private static bool IsOf(string id, string before, string name) =>
        id.StartsWith(before, StringComparison.Ordinal) && id.AsSpan(before.Length).StartsWith(name) && (id.Length == before.Length + name.Length || id[before.Length + name.Length] == '.');

    private ServiceStatus.HostCertificate Certificate(string host, Dictionary<string, string> failed)
    {
        var served = certificates.Selector.Current.Find(host);
        return new ServiceStatus.HostCertificate(host, served?.Issuer ?? "none", served?.NotAfter, failed.TryGetValue(host, out var reason) ? $"failed: {reason}" : served is null ? "ordered" : "live");
    }
}
