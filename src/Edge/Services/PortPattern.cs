using System.Globalization;

namespace Edge.Services;

/// <summary>Ports that a token may have opened: one, "2222", from one to another, "30000-30100", or all, "*".</summary>
internal static class PortPattern
{
    public static bool IsSound(string pattern) => Range(pattern) is not null;

    public static bool Holds(string pattern, int port) => Range(pattern) is var (from, to) && port >= from && port <= to;

    private static (int From, int To)? Range(string pattern)
    {
        if (pattern == "*")
        {
            return (1, ushort.MaxValue);
        }

        var ends = pattern.Split('-');
        return ends.Length <= 2 && Port(ends[0]) is { } from && Port(ends[^1]) is { } to && from <= to ? (from, to) : null;
    }

    private static int? Port(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port : null;
}
