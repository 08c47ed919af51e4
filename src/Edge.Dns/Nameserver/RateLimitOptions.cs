using System.Collections.Immutable;
using System.Net;

namespace Edge.Dns.Nameserver;

/// <summary>How many UDP answers in a second one network gets that has not proved its address.</summary>
public sealed record RateLimitOptions
{
    /// <summary>Answers with records; 0 for no limit.</summary>
    public int Answers { get; init; } = 200;

    /// <summary>Answers without: NXDOMAIN, NODATA and referrals, errors, each counted apart; 0 for no limit.</summary>
    public int Others { get; init; } = 50;

    /// <summary>Every so many limited answers one is sent truncated instead of none; 1 for each, 0 for never.</summary>
    public int Slip { get; init; } = 2;

    /// <summary>Networks without a limit, beside the clients of every view but "public".</summary>
    public ImmutableArray<IPNetwork> Exempt { get; init; } = [];
}
