using Edge.Observability.Metrics;

namespace Edge.Admin.Metrics;

/// <summary>Reads the metrics of every room, from the same snapshots and counts that serve. docs/observability.md lists them.</summary>
internal sealed class MetricsCollector(AdminParts parts)
{
    public void Collect(IMetricSink to)
    {
        ProcessMetrics.Write(to, Reporter.Version, parts.Time);
        GatewayMetrics.Write(to, parts.Observed, parts.Routes);
        CertificateMetrics.Write(to, parts.Certificates.Manager.Status(), parts.Certificates.Manager.RootEnd);
        DnsMetrics.Write(to, parts.Names);
        ResolverMetrics.Write(to, parts.Names.Forwarder.Stats);
        FilterMetrics.Write(to, parts.Names.Filter);
        WayInMetrics.Write(to, parts.WayIn);
        MulticastMetrics.Write(to, parts.Names.Multicast.Counters);
        OutwardMetrics.Write(to, parts.Outward);
    }
}
