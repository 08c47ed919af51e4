using Edge.Dns.Multicast;
using Edge.Observability.Metrics;

namespace Edge.Admin.Metrics;

/// <summary>What is said and heard by mDNS.</summary>
internal static class MulticastMetrics
{
    public static void Write(IMetricSink to, MulticastCounters counters)
    {
        to.Counter("edge_mdns_sent_total", "Packets sent by mDNS.").Sample(counters.Sent);
        to.Counter("edge_mdns_received_total", "Packets received by mDNS, and what became of them.");
        to.Sample(counters.Received - counters.Own - counters.Flooding - counters.Strange - counters.Malformed, ("fate", "read"));
        to.Sample(counters.Own, ("fate", "own"));
        to.Sample(counters.Flooding, ("fate", "flood"));
        to.Sample(counters.Strange, ("fate", "strange"));
        to.Sample(counters.Malformed, ("fate", "malformed"));
        to.Counter("edge_mdns_refused_records_total", "Records that were not believed, or one too many.").Sample(counters.Refused);
        to.Counter("edge_mdns_conflicts_total", "Names of ours that another device had.").Sample(counters.Conflicts);
    }
}
