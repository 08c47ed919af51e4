using Microsoft.Extensions.Logging;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>What all searches share: what was learned so far, and the way to servers.</summary>
internal sealed class RecursionContext(RecursionOptions options, IServerLink link, TimeProvider time, ILogger log)
{
    public RecursionOptions Options { get; } = options;

    public IServerLink Link { get; } = link;

    public MonotonicClock Clock { get; } = new(time);

    public ILogger Log { get; } = log;

    public ZoneCuts Cuts { get; } = new(options);

    public ServerTable Servers { get; } = new(options);

    public AddressBook Addresses { get; } = new(options);

    public AddressPolicy Policy { get; } = new(options);

    public SharedInquiries Shared { get; } = new();

    public RecursionCounters Counters { get; } = new();

    public long Now => Clock.Now;
}
