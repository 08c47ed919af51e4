using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Resolver.Validation;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>How names outside our zones are resolved. Every default is meant to be kept.</summary>
public sealed record ForwarderOptions
{
    /// <summary>Resolvers to ask; empty means the nameservers of <see cref="ResolvConfPath"/> that are not this server.</summary>
    public ImmutableArray<UpstreamServer> Upstreams { get; init; } = [];

    /// <summary>Resolvers that know the addresses of upstreams given by name; empty means the plain ones among <see cref="Upstreams"/>.</summary>
    public ImmutableArray<IPEndPoint> Bootstrap { get; init; } = [];

    /// <summary>Zones whose names are asked of other servers; there private addresses and special names are what is wanted.</summary>
    public ImmutableArray<ForwardRule> Forward { get; init; } = [];

    /// <summary>Certificates in PEM that upstreams may be certified by, beside those the system trusts; null for none.</summary>
    public string? ExtraRoots { get; init; }

    /// <summary>Where this server itself answers, so that it never becomes its own upstream.</summary>
    public ImmutableArray<IPEndPoint> OwnEndPoints { get; init; } = [];

    /// <summary>The system's resolver settings, read when <see cref="Upstreams"/> is empty.</summary>
    public string ResolvConfPath { get; init; } = "/etc/resolv.conf";

    /// <summary>How long one upstream may take for one attempt.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How long a query may take over all attempts; clients give up at about five seconds.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(4.5);

    /// <summary>Times each upstream is asked before the query fails.</summary>
    public int Rounds { get; init; } = 2;

    /// <summary>Different questions waiting for upstreams at one time; further ones fail at once.</summary>
    public int MaxInFlight { get; init; } = 2048;

    /// <summary>How many of them may be about names of one domain once half of the places are taken, so that questions nobody can answer leave room for others.</summary>
    public int MaxInFlightPerDomain { get; init; } = 256;

    /// <summary>Memory the cache may take, in bytes.</summary>
    public long CacheBytes { get; init; } = 32L << 20;

    /// <summary>Where the cache is kept across restarts; null for nowhere.</summary>
    public string? CachePath { get; init; }

    /// <summary>Answers longer than this many bytes are passed on but not cached.</summary>
    public int MaxCachedAnswer { get; init; } = 16 << 10;

    /// <summary>Shortest time an answer is cached, whatever its TTL says; zero obeys the TTL.</summary>
    public TimeSpan MinTtl { get; init; } = TimeSpan.Zero;

    /// <summary>Longest time an answer is cached.</summary>
    public TimeSpan MaxTtl { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Longest time a "no such name" or "no such type" is cached (RFC 2308 §5 finds one to three hours sensible).</summary>
    public TimeSpan MaxNegativeTtl { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Longest time a failure is cached; the first one is for a second, each further one twice as long (RFC 9520 §3.2).</summary>
    public TimeSpan MaxFailureTtl { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long after its TTL an answer may be served while no upstream answers (RFC 8767 §5); zero turns that off.</summary>
    public TimeSpan MaxStale { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long a client waits for a fresh answer before it gets a stale one (RFC 8767 §5).</summary>
    public TimeSpan StaleWait { get; init; } = TimeSpan.FromSeconds(1.8);

    /// <summary>Whether a cached NXDOMAIN stands for the names below it too (RFC 8020 §2).</summary>
    public bool NxDomainCoversSubtree { get; init; } = true;

    /// <summary>Whether addresses of private networks in answers for public names are withheld (DNS rebinding).</summary>
    public bool RebindingProtection { get; init; } = true;

    /// <summary>Domains whose names may have private addresses all the same, with what is below them.</summary>
    public ImmutableArray<Name> RebindingExceptions { get; init; } = [];

    /// <summary>Whether a name lies in a zone of this server, so that it may have private addresses whoever serves that part of it.</summary>
    public Func<Name, bool> IsOurs { get; init; } = static _ => false;

    /// <summary>The parts of our zones that other servers have: these are asked for the names in them.</summary>
    public OwnDelegations Delegations { get; init; } = OwnDelegations.None;

    /// <summary>How the servers of these parts are asked; where the root is means nothing to it.</summary>
    public RecursionOptions Delegated { get; init; } = new() { MaxDelegations = 1000, MaxBytes = 256 << 10, MaxServers = 1000 };

    /// <summary>Special names that are forwarded instead of being answered here, with what is below them.</summary>
    public ImmutableArray<Name> ForwardedSpecialNames { get; init; } = [];

    /// <summary>How answers are validated (DNSSEC); null passes on what upstreams say.</summary>
    public ValidationOptions? Validation { get; init; }

    /// <summary>Whether validation begins only when the origin has brought the root's signed keys; false fails what cannot be validated.</summary>
    public bool ValidationIfAble { get; init; }

    /// <summary>How names are resolved from the root; null asks the upstreams. Forwarded zones keep their own servers.</summary>
    public RecursionOptions? Recursion { get; init; }
}
