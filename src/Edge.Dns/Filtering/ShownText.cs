using System.Globalization;
using System.Text;

namespace Edge.Dns.Filtering;

/// <summary>A stranger's text as it may be shown: on a terminal or in a log it must command nothing, nor fill it.</summary>
public static class ShownText
{
    private const int Longest = 60;

    /// <summary>The text with its control and non-ASCII bytes as \DDD (RFC 1035 §5.1), cut off where it is long.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">Bytes that are shown.</param>
    public static string Of(string text, int longest = Longest)
    {
        var shown = new StringBuilder();
        var bytes = Encoding.UTF8.GetBytes(text);
        foreach (var one in bytes.AsSpan(0, Math.Min(bytes.Length, longest)))
        {
            if (one is >= (byte)' ' and < 0x7F)
            {
                shown.Append((char)one);
            }
            else
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\{one:D3}");
            }
        }

        return shown.Append(bytes.Length > longest ? "..." : "").ToString();
    }
}
