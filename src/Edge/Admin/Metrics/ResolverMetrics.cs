using Edge.Dns.Resolver;
using Edge.Observability.Metrics;

namespace Edge.Admin.Metrics;

/// <summary>The cache of the resolver, and whom it asks.</summary>
internal static class ResolverMetrics
{
    public static void Write(IMetricSink to, ForwarderStats stats)
    {
        to.Counter("edge_dns_cache_hits_total", "Queries answered from the cache.").Sample(stats.Hits);
        to.Counter("edge_dns_cache_misses_total", "Queries for which somebody had to be asked.").Sample(stats.Misses);
        to.Counter("edge_dns_cache_stale_total", "Answers given past their time to live.").Sample(stats.Stale);
        to.Counter("edge_dns_resolution_failures_total", "Questions that ended in SERVFAIL.").Sample(stats.Failures);
        to.Gauge("edge_dns_cache_entries", "Answers in the cache.").Sample(stats.CacheEntries);
        to.Gauge("edge_dns_cache_bytes", "Memory that they take.").Sample(stats.CacheBytes);
        to.Gauge("edge_dns_cache_budget_bytes", "Memory that they may take.").Sample(stats.CacheBudget);
        // A server may be asked for several zones.
        var upstreams = stats.Upstreams.GroupBy(upstream => upstream.Server.ToString(), StringComparer.Ordinal).ToList();
        to.Gauge("edge_dns_upstream_up", "1 for a resolver that is asked, 0 for one that does not answer.");
        foreach (var upstream in upstreams)
        {
            to.Sample(upstream.All(one => one.IsDown) ? 0 : 1, ("upstream", upstream.Key));
        }

        to.Counter("edge_dns_upstream_queries_total", "Queries sent to a resolver.");
        foreach (var upstream in upstreams)
        {
            to.Sample(upstream.Sum(one => one.Queries), ("upstream", upstream.Key));
        }

        to.Gauge("edge_dns_upstream_latency_seconds", "What a resolver takes to answer, smoothed.");
        foreach (var upstream in upstreams)
        {
            if (upstream.FirstOrDefault(one => one.Latency is not null)?.Latency is { } latency)
            {
                to.Sample(latency.TotalSeconds, ("upstream", upstream.Key));
            }
        }
    }
}
