namespace Edge.Dns.Signing;

/// <summary>From when to when a signature is valid, and when it is made anew; seconds since 1970.</summary>
/// <param name="Inception">One hour back: clocks differ.</param>
/// <param name="Expiration">The end.</param>
/// <param name="RefreshAt">From then on another one is served.</param>
internal readonly record struct SignatureTimes(long Inception, long Expiration, long RefreshAt)
{
    /// <summary>How long the same signature is served, in seconds: one week of the two.</summary>
    public const long RefreshAfter = 7 * Day;

    private const long Hour = 3600;
    private const long Day = 24 * Hour;

    // Half of what a RRSIG's 32-bit times can tell apart (RFC 4034 §3.1.5) is 68 years; a TTL of more than ten is none.
    private const uint LongestTtl = 3650u * 86400;

    /// <summary>
    /// Two weeks and the TTL: whoever takes the set before it is refreshed, a week from now, may keep it for its whole
    /// TTL, and a secondary that hears nothing for days still serves valid answers. The RRSIG's TTL is the set's, which
    /// is thus never longer than the validity left (RFC 4034 §3, RFC 6781 §4.4.2).
    /// </summary>
    public static SignatureTimes From(long now, uint ttl) => new(now - Hour, now + (14 * Day) + Math.Min(ttl, LongestTtl), now + RefreshAfter);
}
