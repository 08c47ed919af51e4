using System.Globalization;

namespace Edge.Dns.Zones.MasterFile;

/// <summary>Times of zone files: seconds, or numbers with the units s m h d w as BIND and its heirs read them: 1h30m.</summary>
internal static class TtlText
{
    /// <summary>The largest TTL (RFC 2181 §8).</summary>
    public const uint Max = int.MaxValue;

    /// <summary>True when the word has the shape of a time; its value in seconds may still be above any limit.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ulong seconds)
    {
        seconds = 0;
        if (text.IsEmpty || text.Length > 40 || !char.IsAsciiDigit(text[0]))
        {
            return false;
        }

        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExceptInRange('0', '9');
            var number = digits < 0 ? text : text[..digits];
            if (digits == 0 || !ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                // A number of more than twenty digits still is a number, only far too large a one.
                value = digits == 0 ? 0 : uint.MaxValue + 1UL;
            }

            var unit = digits < 0 ? 1UL : Unit(text[digits]);
            if (digits == 0 || unit == 0)
            {
                return false;
            }

            seconds = Math.Min(seconds + Math.Min(value, uint.MaxValue + 1UL) * unit, uint.MaxValue + 1UL);
            text = digits < 0 ? [] : text[(digits + 1)..];
        }

        return true;
    }

    private static ulong Unit(char unit) => char.ToLowerInvariant(unit) switch
    {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86400,
        'w' => 604800,
        _ => 0,
    };
}
