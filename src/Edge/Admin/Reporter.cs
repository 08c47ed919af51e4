using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Reflection;
using Edge.Admin.Reports;
using Edge.Certificates;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Names;
using Edge.PortMapping;
using Edge.Settings;

namespace Edge.Admin;

/// <summary>Makes the reports of the API from the snapshots of the moment.</summary>
internal sealed class Reporter(AdminParts parts)
{
    /// <summary>Edge's own version.</summary>
    public static string Version { get; } = typeof(Reporter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public StatusReport Status()
    {
        var options = parts.Options;
        return new StatusReport(
            Version,
            options.NodeHost,
            [.. options.Dns.Listen.Select(endPoint => endPoint.ToString())],
            [.. options.Gateway.Http.Select(endPoint => endPoint.ToString())],
            [.. options.Gateway.Https.Select(endPoint => endPoint.ToString())],
            [.. options.Admin.Listen.Select(endPoint => endPoint.ToString())],
            parts.Names.Zones.Current.Zones(0).Length,
            parts.Services.Catalog.Current.Count,
            parts.Certificates.Manager.Status().Length,
            ResolverReport.Of(parts.Names.Forwarder.Stats).Upstreams,
            DnsLoad(parts.Names),
            [
                .. parts.Names.Problems.Select(problem => problem.ToString()),
                .. parts.Names.LeaseFiles.Problems,
                .. parts.Services.Problems.Select(problem => problem.ToString()),
                .. parts.Routes.Problems.Select(problem => problem.ToString()),
                .. parts.Streams.Problems.Select(problem => problem.ToString()),
                .. parts.WayIn.State.Verdict is WayInVerdict.Disproved or WayInVerdict.DoubleNat ? [$"the way in: {WayInWords.Of(parts.WayIn.State)}"] : Array.Empty<string>(),
            ]);
    }

    private static DnsLoadReport DnsLoad(NamesRoom names) => new(
        names.Listeners.TcpConnectionCount, names.Listeners.TlsConnectionCount, names.RateLimiter.Dropped, names.RateLimiter.Slipped, names.RateLimiter.LastLimited);

    public ZonesReport Zones()
    {
        var zones = parts.Names.Zones.Current;
        return new ZonesReport(
            [
                .. zones.Views.SelectMany((view, index) => zones.Zones(index).Select(zone => new ZoneReport(zone.Origin.ToHostString(), view, Serial(zone), zone.RRsetCount)))
                    .OrderBy(zone => zone.Origin, StringComparer.Ordinal),
            ],
            [.. parts.Names.Problems.Select(problem => problem.ToString())]);
    }

    public CertificateReport[] Certificates() =>
    [
        .. parts.Certificates.Manager.Status().Select(status => new CertificateReport(
            status.Names,
            status.Issuer,
            status.NotAfter,
            status.State.ToString().ToLowerInvariant(),
            Detail(status, parts.Time.GetUtcNow()),
            status.Path)
        {
            Next = status.NextTry,
            Explanation = status.Window?.Explanation,
        }),
        .. OwnRoot(parts.Certificates.Manager.RootEnd, parts.Time.GetUtcNow()),
    ];

    // Ten years long there is nothing to say about it.
    private static IEnumerable<CertificateReport> OwnRoot(DateTimeOffset end, DateTimeOffset now) => !ExpiryWatch.IsRootNearEnd(end, now) ? []
        : [new CertificateReport(["the root of Edge's own CA"], CertificateId.Internal, end, end > now ? "ending" : "ended", "a new one is made when ca/root.crt and ca/root.key are moved away", null)];

    private static string? Detail(CertificateStatus status, DateTimeOffset now) => status switch
    {
        { Reason: { } reason, NextTry: { } next } => $"{reason}; attempt {status.Attempts}, next in {DurationText.Format(next - now)}",
        { Reason: { } reason } => reason,
        _ => null,
    };

    // The serial stands behind the two names of the SOA (RFC 1035 §3.3.13), 20 bytes from the end.
    private static uint Serial(Zone zone) =>
        zone.Serial;
}
