using System.Globalization;

namespace Edge.Settings;

/// <summary>Times as people write them: 90s, 15m, 1h30m, 7d; a bare number is seconds.</summary>
internal static class DurationText
{
    public static TimeSpan? Parse(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return TimeSpan.FromSeconds(seconds);
        }

        var total = TimeSpan.Zero;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits <= 0 || !int.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 36_500_000)
            {
                return null;
            }

            var unit = rest[digits..].StartsWith("ms") ? 2 : 1;
            TimeSpan? one = rest.Slice(digits, unit) switch
            {
                "ms" => TimeSpan.FromMilliseconds(1),
                "s" => TimeSpan.FromSeconds(1),
                "m" => TimeSpan.FromMinutes(1),
                "h" => TimeSpan.FromHours(1),
                "d" => TimeSpan.FromDays(1),
                "w" => TimeSpan.FromDays(7),
                _ => null,
            };
            if (one is null)
            {
                return null;
            }

            total += one.Value * number;
            rest = rest[(digits + unit)..];
        }

        return text.Length == 0 ? null : total;
    }

    /// <summary>The short form of a time: "1h30m", "0s".</summary>
    public static string Format(TimeSpan time)
    {
        if (time < TimeSpan.FromSeconds(1))
        {
            return time <= TimeSpan.Zero ? "0s" : $"{(int)time.TotalMilliseconds}ms";
        }

        (int Value, string Unit)[] parts = [(time.Days, "d"), (time.Hours, "h"), (time.Minutes, "m"), (time.Seconds, "s")];
        return string.Concat(parts.Where(part => part.Value > 0).Take(2).Select(part => part.Value.ToString(CultureInfo.InvariantCulture) + part.Unit));
    }
}
