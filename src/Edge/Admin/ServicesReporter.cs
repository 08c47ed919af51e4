using System.Collections.Immutable;
using Edge.Access.Oidc;
using Edge.Admin.Reports;
using Edge.Services;
using Edge.Services.Routing;
using Edge.Settings;
using Edge.Stores;

namespace Edge.Admin;

/// <summary>Reports every declared service: those in effect, and those that lost to others.</summary>
internal sealed class ServicesReporter(AdminParts parts)
{
    public async Task<ServicesReport> ReportAsync(CancellationToken cancel)
    {
        var catalog = parts.Services.Catalog.Current;
        var statusOf = parts.Served.Look();
        var lost = catalog.Conflicts.ToLookup(conflict => Identity(conflict.Lost));
        var reports = ImmutableArray.CreateBuilder<ServiceReport>(catalog.Services.Length);
        foreach (var service in catalog.Services)
        {
            // What of its hosts another has stands in the conflicts alone.
            var conflicts = lost[Identity(service)].ToImmutableArray();
            var declared = conflicts.IsEmpty ? service.Hosts : conflicts[0].Lost.Hosts;
            reports.Add(await OneAsync(service, declared, service, conflicts, statusOf(service), cancel));
        }

        var inEffect = catalog.Services.Select(Identity).ToHashSet();
        foreach (var conflicts in lost.Where(one => !inEffect.Contains(one.Key)))
        {
            var service = conflicts.First().Lost;
            reports.Add(await OneAsync(service, service.Hosts, null, [.. conflicts], null, cancel));
        }

        return new ServicesReport(
            [.. reports.OrderBy(report => report.Name, StringComparer.Ordinal).ThenBy(report => report.State == "lost")],
            [.. catalog.Conflicts.Select(conflict => $"{conflict.What} of {conflict.Lost.Name} ({conflict.Lost.Where}) is held by {conflict.Holder.Name} ({conflict.Holder.Where})")],
            [.. parts.Services.Problems.Concat(parts.Routes.FileProblems).Concat(parts.Streams.Problems).Concat(ShownCookies(catalog)).Select(problem => problem.ToString()).Distinct()]);
    }

    // The gateway takes the cookies of logins out of what it forwards; what it cannot read it cannot take them out of.
    private IEnumerable<Problem> ShownCookies(ServiceSet catalog) => parts.Options.Access.Oidc is not { } oidc ? [] :
        from service in catalog.Services
        where service.Stream?.Protocol == StreamProtocol.Tls
        let host = service.Hosts.FirstOrDefault(host => OidcOptions.IsAtOrBelow(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host, oidc.Domain))
        where host is not null
        select new Problem(service.Where, 0, $"services.{service.Name}.to", $"TLS passes through for {host}, so browsers show it the cookies of logins (access.oidc)", "give it a host outside of access.oidc.cookie-domain, unless it may know them");

    private async Task<ServiceReport> OneAsync(
        Service service, ImmutableArray<string> declared, Service? inEffect, ImmutableArray<ServiceConflict> lost, ServiceStatus? known, CancellationToken cancel)
    {
        var ends = service.Lease is { } lease ? await parts.Store.LeaseEndsAsync(new LeaseId(lease.Id), cancel) : null;
        var (served, notes) = ServedNotes.Of(declared, inEffect, lost, known, live: true);
        return new ServiceReport(
            service.Name,
            declared,
            [.. (service.Stream?.To ?? service.To).Select(to => to.OriginalString)],
            service.Expose == Exposure.Lan ? "lan" : "everywhere",
            service.Source.Word(),
            service.Where,
            inEffect is null ? "lost" : Waits(service) is { } waits ? waits : served && notes.IsEmpty ? "live" : "partly",
            ends is { } end ? Math.Max(0, (int)(end - parts.Time.GetUtcNow()).TotalSeconds) : null)
        {
            Remark = service.Remark,
            Urls = known?.Urls ?? [],
            Names = known?.Names ?? [],
            Route = known?.Route,
            Certificates = known?.Certificates ?? [],
            Destinations = known?.Destinations ?? [],
            Notes = notes,
        };
    }

    private static (string Name, SourceKind Source, string Party, string Where) Identity(Service service) => (service.Name, service.Source, service.Party, service.Where);

    // What keeps its program from answering comes before what the gateway makes of it.
    private static string? Waits(Service service) => service.Routing is { Routes: [{ Answer: NotReadyAnswer waiting }, ..] } ? waiting.State : null;
}
