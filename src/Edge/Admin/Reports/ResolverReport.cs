using System.Collections.Immutable;
using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Recursion;
using Edge.Names.Leases;

namespace Edge.Admin.Reports;

/// <summary>How the resolver does: whom it asks, what it remembers, whether it validates.</summary>
/// <param name="Way">"forward" or "recursive".</param>
/// <param name="Validation">"on", "off", or "waiting" while no upstream has brought the root's signed keys.</param>
/// <param name="Upstreams">The upstreams, those of forwarded zones after the others.</param>
/// <param name="Recursion">How recursion does; null when upstreams are asked.</param>
/// <param name="CacheEntries">Answers in the cache.</param>
/// <param name="CacheBytes">Bytes they take.</param>
/// <param name="CacheBudget">Bytes they may take.</param>
/// <param name="Hits">Queries answered from the cache since the start.</param>
/// <param name="Misses">Queries that had to wait.</param>
/// <param name="Stale">Answers given past their time to live.</param>
/// <param name="Failures">Questions that ended in SERVFAIL.</param>
internal sealed record ResolverReport(
    string Way,
    string Validation,
    ImmutableArray<UpstreamReport> Upstreams,
    RecursionStats? Recursion,
    int CacheEntries,
    long CacheBytes,
    long CacheBudget,
    long Hits,
    long Misses,
    long Stale,
    long Failures)
{
    private const int MostUnnamed = 100;

    /// <summary>DHCP clients that have not the name which they gave themselves; the first hundred.</summary>
    public ImmutableArray<UnnamedClientReport> Unnamed { get; init; } = [];

    /// <summary>How many of them there are.</summary>
    public int UnnamedCount { get; init; }

    /// <summary>The report with the clients whose names are not served.</summary>
    public ResolverReport With(LeaseNames leases)
    {
        var unnamed = leases.Unnamed(MostUnnamed, out var count);
        return this with
        {
            Unnamed = [.. unnamed.Select(one => new UnnamedClientReport(one.Lease.Address.ToString(), LeaseText.Shown(one.Lease.HostName), one.Reason, $"{one.Lease.File}:{one.Lease.Line}"))],
            UnnamedCount = count,
        };
    }

    public static ResolverReport Of(ForwarderStats stats) => new(
        stats.Recursion is null ? "forward" : "recursive",
        stats.Validates switch { true => "on", false => "waiting", null => "off" },
        [
            .. stats.Upstreams.Select(upstream => new UpstreamReport(
                upstream.Server.ToString(),
                upstream.IsDown ? "down" : upstream.Latency is null ? "unasked" : "up",
                upstream.Latency is { } latency ? Math.Round(latency.TotalMilliseconds, 1) : null,
                upstream.Queries,
                upstream.LastFailure,
                upstream.LastError)),
        ],
        stats.Recursion,
        stats.CacheEntries,
        stats.CacheBytes,
        stats.CacheBudget,
        stats.Hits,
        stats.Misses,
        stats.Stale,
        stats.Failures);
}
