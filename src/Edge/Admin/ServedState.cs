using System.Collections.Immutable;
using System.Net;
using Edge.Certificates;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Gateway;
using Edge.Services;

namespace Edge.Admin;

/// <summary>Looks up how a service is served at this moment, in the same snapshots that answer clients.</summary>
internal sealed class ServedState(ZoneManager zones, CertificateRoom certificates, RouteTableManager routes, int httpsPort) : IServiceStatus
{
    public ServiceStatus? Of(Service service) => new(
        [.. service.Hosts.Where(host => !host.StartsWith("*.", StringComparison.Ordinal)).Select(host => httpsPort == 443 ? $"https://{host}/" : $"https://{host}:{httpsPort}/")],
        [.. service.Hosts.SelectMany(Names)],
        Route(service),
        [.. service.Hosts.Select(Certificate)]);

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

    private string? Route(Service service)
    {
        var reports = service.Hosts.SelectMany(host => routes.Current.ForHost(host)).Where(entry => entry.Id == $"service:{service.Name}" || entry.Id.StartsWith($"service:{service.Name}.", StringComparison.Ordinal)).Distinct().Select(RouteReport.Of).ToArray();
        return reports.Length == 0
            ? routes.Problems.FirstOrDefault(problem => problem.Field == $"services.{service.Name}" || problem.Field.StartsWith($"services.{service.Name}.", StringComparison.Ordinal)) is { } problem ? $"refused: {problem.Message}" : null
            : reports.FirstOrDefault(report => report.Refused is not null)?.Refused is { } refused ? $"refused: {refused.Message}" : "live";
    }

    private ServiceStatus.HostCertificate Certificate(string host)
    {
        var served = certificates.Selector.Current.Find(host);
        var ordered = certificates.Manager.Status().FirstOrDefault(status => status.Reason is not null && status.Names.Contains(host, StringComparer.OrdinalIgnoreCase));
        return new ServiceStatus.HostCertificate(host, served?.Issuer ?? "none", served?.NotAfter, ordered?.Reason is { } reason ? $"failed: {reason}" : served is null ? "ordered" : "live");
    }
}
