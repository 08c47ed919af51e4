using Edge.Services;

namespace Edge.DynamicDns;

/// <summary>When a name ends that is sent now.</summary>
internal static class LeaseEnd
{
    // A tenth more than was asked for: what comes every minute need not be written every minute.
    private const int Part = 10;

    /// <summary>The end; null for none.</summary>
    /// <param name="token">Whose name it is.</param>
    /// <param name="had">When it would end by what was sent before.</param>
    /// <param name="now">The time.</param>
    public static DateTimeOffset? Of(Token token, DateTimeOffset? had, DateTimeOffset now) =>
        token.Lease is not { } lease ? null
        : had >= now + lease && had <= now + lease + (lease / Part) ? had
        : now + lease + (lease / Part);
}
