using System.Globalization;

namespace Edge.Services;

/// <summary>How often one client may ask: "10/s burst 20".</summary>
/// <param name="Count">Requests.</param>
/// <param name="Per">In this time: a second, a minute or an hour.</param>
/// <param name="Burst">How many may come at once.</param>
internal sealed record RateRule(int Count, TimeSpan Per, int Burst)
{
    private const int Most = 1_000_000;

    /// <summary>The time one request takes up.</summary>
    public TimeSpan Interval => Per / Count;

    /// <summary>Null when it is no such rule.</summary>
    public static RateRule? Parse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is not (1 or 3) || words[0].Split('/') is not [var count, var unit] || Whole(count) is not { } asked || Time(unit) is not { } per)
        {
            return null;
        }

        if (words.Length == 1)
        {
            return new RateRule(asked, per, asked);
        }

        return words[1] == "burst" && Whole(words[2]) is { } burst ? new RateRule(asked, per, burst) : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count}/{(Per.TotalSeconds < 2 ? "s" : Per.TotalMinutes < 2 ? "m" : "h")} burst {Burst}");

    private static int? Whole(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= Most ? number : null;

    private static TimeSpan? Time(string unit) => unit switch
    {
        "s" => TimeSpan.FromSeconds(1),
        "m" => TimeSpan.FromMinutes(1),
        "h" => TimeSpan.FromHours(1),
        _ => null,
    };
}
