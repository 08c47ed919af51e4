using Edge.Services;
using Edge.Stores;

namespace Edge.DynamicDns;

/// <summary>When a name ends that is sent now, or is there when Edge starts.</summary>
internal static class LeaseEnd
{
    // A tenth more than was asked for: what comes every minute need not be written every minute.
    private const int Part = 10;

    /// <summary>The end; null for none.</summary>
    /// <param name="token">Whose name it is.</param>
    /// <param name="had">When it would end by what was sent before.</param>
    /// <param name="now">The time.</param>
    public static DateTimeOffset? Of(Token token, DateTimeOffset? had, DateTimeOffset now) =>
        Granted(token) is not { } granted ? null
        : had >= now + token.Lease && had <= now + granted ? had
        : now + granted;

    /// <summary>The time that one sending grants at most; null for always.</summary>
    public static TimeSpan? Granted(Token token) => token.Lease is { } lease ? lease + (lease / Part) : null;

    /// <summary>The name as it stands when Edge starts, with the end that it has from then on.</summary>
    public static DynamicAddress AtStart(DynamicAddress address, DateTimeOffset now) =>
        LeftAtStart(address, now) is { } left && now + left != address.Ends ? address with { Ends = now + left } : address;

    /// <summary>The time that a name has left when Edge starts; null for always.</summary>
    public static TimeSpan? LeftAtStart(DynamicAddress address, DateTimeOffset now) => address.Ends is not { } ends ? null
        : address.Granted is { } granted ? LeaseStart.Left(ends, granted, now)
        : ends - now > LeaseStart.Fair ? ends - now : LeaseStart.Fair;
}
