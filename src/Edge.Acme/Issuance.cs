using System.Collections.Immutable;

namespace Edge.Acme;

/// <summary>A certificate that a CA gave us.</summary>
/// <param name="At">When.</param>
/// <param name="Until">When its turn to be replaced comes.</param>
internal sealed record Issuance(DateTimeOffset At, DateTimeOffset Until)
{
    // Let's Encrypt gives five certificates for one set of names in a week, and then none for a day and a half.
    private const int Most = 4;
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    /// <summary>One that is of no use: nothing makes the next one right but time.</summary>
    public static Issuance InVain(DateTimeOffset now) => new(now, now + Week);

    /// <summary>The issuances that still count at a moment.</summary>
    public static ImmutableArray<Issuance> Counting(ImmutableArray<Issuance> all, DateTimeOffset now) => [.. all.Where(one => one.At > now - Week && one.At <= now)];

    /// <summary>
    /// Whether another one would be one too many: four that should not need replacing yet were obtained within a week, so
    /// somebody loses them or orders in a circle.
    /// </summary>
    public static bool AreTooMany(ImmutableArray<Issuance> all, DateTimeOffset now) => Counting(all, now).Count(one => one.Until > now) >= Most;
}
