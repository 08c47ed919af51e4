using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>What all searches share: what was learned so far, and the way to servers.</summary>
/// <param name="options">How servers are asked.</param>
/// <param name="link">The way to them.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
/// <param name="top">Where every search begins; null for the root.</param>
/// <param name="others">Who is asked for the addresses of servers that lie elsewhere; null where everything is below the top.</param>
internal sealed class RecursionContext(RecursionOptions options, IServerLink link, TimeProvider time, ILogger log, Delegation? top = null, IAnswerOrigin? others = null)
{
    public RecursionOptions Options { get; } = options;

    public IServerLink Link { get; } = link;

    public MonotonicClock Clock { get; } = new(time);

    public ILogger Log { get; } = log;

    public ZoneCuts Cuts { get; } = new(options, top);

    public ServerTable Servers { get; } = new(options);

    public AddressBook Addresses { get; } = new(options);

    public AddressPolicy Policy { get; } = new(options);

    public SharedInquiries Shared { get; } = new();

    public RecursionCounters Counters { get; } = new();

    /// <summary>Who is asked for a name that does not lie below the top; null when it does.</summary>
    public IAnswerOrigin? Elsewhere(Name name) => top is null || name.IsAtOrBelow(top.Zone) ? null : others;

    public long Now => Clock.Now;
}
