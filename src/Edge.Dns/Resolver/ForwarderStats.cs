using System.Collections.Immutable;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Resolver.Upstreams;

namespace Edge.Dns.Resolver;

/// <summary>Counts since start, and the upstreams now.</summary>
/// <param name="Hits">Queries answered from the cache without waiting.</param>
/// <param name="Misses">Queries that had to wait for an upstream or to fail.</param>
/// <param name="Merged">Those of the misses that joined an identical question already on its way.</param>
/// <param name="Local">Special names answered here.</param>
/// <param name="Stale">Answers served after their TTL.</param>
/// <param name="Failures">Questions that ended in SERVFAIL.</param>
/// <param name="CacheEntries">Answers in the cache.</param>
/// <param name="CacheBytes">Bytes they take.</param>
/// <param name="CacheBudget">Bytes they may take.</param>
/// <param name="Upstreams">The upstreams in the order configured, those of forwarded zones after the others.</param>
/// <param name="Validates">Whether answers are validated now; null when the settings do not want it.</param>
/// <param name="Recursion">How recursion from the root does; null when upstreams are asked.</param>
public sealed record ForwarderStats(
    long Hits,
    long Misses,
    long Merged,
    long Local,
    long Stale,
    long Failures,
    int CacheEntries,
    long CacheBytes,
    long CacheBudget,
    ImmutableArray<UpstreamState> Upstreams,
    bool? Validates,
    RecursionStats? Recursion);
