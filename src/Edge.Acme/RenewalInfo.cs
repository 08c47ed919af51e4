using System.Text.Json;

namespace Edge.Acme;

/// <summary>When the CA wants a certificate to be renewed (RFC 9773 §4.2).</summary>
/// <param name="Start">The first moment.</param>
/// <param name="End">After the last one.</param>
/// <param name="Explanation">A page that says why, for a person.</param>
/// <param name="RetryAfter">When to ask again: at least a minute, at most a day (§4.3).</param>
internal sealed record RenewalInfo(DateTimeOffset Start, DateTimeOffset End, string? Explanation, TimeSpan RetryAfter)
{
    public static readonly TimeSpan Soonest = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan Latest = TimeSpan.FromDays(1);

    // What a CA that does not say is asked at (§4.3.2).
    private static readonly TimeSpan Usual = TimeSpan.FromHours(6);

    /// <summary>Null when the window is missing or ends before it starts: to be taken as a failure (§4.2).</summary>
    public static RenewalInfo? Read(JsonElement root, TimeSpan? retryAfter)
    {
        var window = Json.Member(root, "suggestedWindow") ?? default;
        var wait = retryAfter ?? Usual;
        return Json.Time(window, "start") is { } start && Json.Time(window, "end") is { } end && end > start
            ? new RenewalInfo(start, end, Json.Text(root, "explanationURL"), wait < Soonest ? Soonest : wait > Latest ? Latest : wait)
            : null;
    }
}
