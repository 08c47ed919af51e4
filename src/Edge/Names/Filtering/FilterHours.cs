using System.Collections.Immutable;
using System.Globalization;
using Edge.Settings;

namespace Edge.Names.Filtering;

/// <summary>Some hours of some days, by the clock on the wall, and the lists that count in them.</summary>
/// <param name="Days">The days on which they begin, Sunday first.</param>
/// <param name="From">When they begin.</param>
/// <param name="To">When they end; the next morning when that is not after <paramref name="From"/>.</param>
/// <param name="Lists">The lists that count; ignored with <paramref name="BlocksAll"/>.</param>
/// <param name="BlocksAll">Whether everything is blocked that is not allowed in the settings.</param>
internal sealed record FilterHours(ImmutableArray<bool> Days, TimeSpan From, TimeSpan To, ImmutableArray<string> Lists, bool BlocksAll)
{
    private const string All = "all";
    private const string Example = "write DAYS FROM-TO, such as \"mon-fri 20:00-07:00\", \"sat,sun 09:00-21:30\" or \"daily 21:00-06:00\"";
    private static readonly ImmutableArray<string> DayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>Reads "schedule": a mapping from hours to lists, or to "all".</summary>
    public static ImmutableArray<FilterHours> ReadAll(MapReader section, ImmutableArray<string> lists)
    {
        var schedule = ImmutableArray.CreateBuilder<FilterHours>();
        foreach (var (text, node) in section.Map.Entries)
        {
            var blocksAll = section.Node(text) is ScalarNode { Value: All };
            var chosen = blocksAll ? [] : ListNames.Read(section, text, lists);
            if (Parse(text) is not { } hours)
            {
                section.Problems.Add(node, $"\"{text}\" are no hours", Example);
            }
            else
            {
                schedule.Add(hours with { Lists = chosen, BlocksAll = blocksAll });
            }
        }

        return schedule.ToImmutable();
    }

    /// <summary>Reads the days and hours; null when they are none.</summary>
    public static FilterHours? Parse(string text)
    {
        var parts = text.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length is 0 or > 2 || ReadDays(parts.Length == 2 ? parts[0] : "daily") is not { } days
            || parts[^1].Split('-') is not [var from, var to] || ReadTime(from) is not { } start || ReadTime(to) is not { } end || start == end || start == TimeSpan.FromDays(1))
        {
            return null;
        }

        return new FilterHours(days, start, end, [], false);
    }

    /// <summary>Whether it is one of these hours.</summary>
    /// <param name="local">The time on the clock on the wall.</param>
    public bool Hold(DateTime local)
    {
        var time = local.TimeOfDay;
        if (From < To)
        {
            return Days[(int)local.DayOfWeek] && time >= From && time < To;
        }

        // Hours over midnight belong to the day on which they begin.
        var yesterday = ((int)local.DayOfWeek + 6) % 7;
        return (Days[(int)local.DayOfWeek] && time >= From) || (Days[yesterday] && time < To);
    }

    private static ImmutableArray<bool>? ReadDays(string text)
    {
        var days = new bool[7];
        if (text == "daily")
        {
            Array.Fill(days, true);
            return [.. days];
        }

        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-').Select(name => DayNames.IndexOf(name)).ToArray();
            if (ends.Length > 2 || ends.Contains(-1))
            {
                return null;
            }

            for (var day = ends[0]; ; day = (day + 1) % 7)
            {
                days[day] = true;
                if (day == ends[^1])
                {
                    break;
                }
            }
        }

        return [.. days];
    }

    private static TimeSpan? ReadTime(string text) =>
        text == "24:00" ? TimeSpan.FromDays(1)
        : TimeOnly.TryParseExact(text, ["HH:mm", "H:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time.ToTimeSpan()
        : null;
}
