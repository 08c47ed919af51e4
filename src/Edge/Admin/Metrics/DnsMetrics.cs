using Edge.Dns.Queries;
using Edge.Names;
using Edge.Observability.Metrics;

namespace Edge.Admin.Metrics;

/// <summary>What is asked of the name server, and the zones it has.</summary>
internal static class DnsMetrics
{
    public static void Write(IMetricSink to, NamesRoom names)
    {
        var totals = names.Queries.Totals();
        to.Counter("edge_dns_queries_total", "Queries, by the way they came, their response code, and where the answer was from.");
        foreach (var kind in totals.Queries.OrderBy(kind => (kind.Transport, kind.Rcode, kind.AnsweredBy)))
        {
            to.Sample(kind.Count, ("transport", kind.Transport), ("rcode", kind.Rcode), ("source", kind.AnsweredBy));
        }

        to.Counter("edge_dns_queries_unobserved_total", "Queries that came faster than they could be looked at: they are missing above.").Sample(totals.Missed);
        to.Times("edge_dns_answer_duration_seconds", "How long answers took that were at hand, and those that somebody else was asked for.");
        to.Buckets(totals.AtHand.Counts, LatencyTotals.Bounds, totals.AtHand.Seconds, ("asked", "nobody"));
        to.Buckets(totals.Asked.Counts, LatencyTotals.Bounds, totals.Asked.Seconds, ("asked", "upstream"));
        to.Gauge("edge_dns_connections_open", "Connections of clients that are open.")
            .Sample(names.Listeners.TcpConnectionCount, ("transport", "tcp"))
            .Sample(names.Listeners.TlsConnectionCount, ("transport", "tls"));
        to.Counter("edge_dns_rate_limited_total", "Answers that the rate limit held back, or sent truncated.")
            .Sample(names.RateLimiter.Dropped, ("action", "dropped"))
            .Sample(names.RateLimiter.Slipped, ("action", "truncated"));
        WriteZones(to, names);
    }

    private static void WriteZones(IMetricSink to, NamesRoom names)
    {
        var zones = names.Zones.Current;
        var all = zones.Views.SelectMany((view, index) => zones.Zones(index).Select(zone => (View: view, Zone: zone, Name: zone.Origin.ToHostString())))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal).ToList();
        to.Gauge("edge_zone_serial", "The serial of a zone as a view sees it.");
        foreach (var (view, zone, name) in all)
        {
            to.Sample(zone.Serial, ("zone", name), ("view", view));
        }

        to.Gauge("edge_zone_rrsets", "Record sets of a zone as a view sees it.");
        foreach (var (view, zone, name) in all)
        {
            to.Sample(zone.RRsetCount, ("zone", name), ("view", view));
        }

        to.Gauge("edge_zone_problems", "Mistakes in zone files; what served before them serves on.").Sample(names.Problems.Count);
    }
}
