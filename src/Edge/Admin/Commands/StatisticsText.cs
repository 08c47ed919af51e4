using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Edge.Dns.Queries;

namespace Edge.Admin.Commands;

/// <summary>The statistics of the queries for a person.</summary>
internal static class StatisticsText
{
    private const int Longest = 60;

    public static string Format(QueryStatistics statistics)
    {
        var text = new StringBuilder();
        var day = statistics.Minutes.Sum(minute => minute.Queries);
        text.Append(CultureInfo.InvariantCulture, $"{day} queries in the last day, {statistics.BlockedShare:0.0%} of them blocked").AppendLine();
        if (statistics.Missed > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{statistics.Missed} since the start came too fast to be looked at, and are only counted").AppendLine();
        }

        Append(text, "at hand", statistics.AtHand);
        Append(text, "asked for", statistics.Asked);
        Append(text, "HOW", statistics.Ways, statistics.Queries);
        Append(text, "VIA", statistics.Transports, statistics.Queries);
        Append(text, "TYPE", statistics.Types, statistics.Queries);
        Append(text, "RCODE", statistics.Rcodes, statistics.Queries);
        Append(text, "CLIENT (last hour)", statistics.Clients, 0);
        Append(text, "NAME (last hour)", statistics.Names, 0);
        Append(text, "BLOCKED (last hour)", statistics.BlockedNames, 0);
        return text.ToString().TrimEnd();
    }

    private static void Append(StringBuilder text, string what, Percentiles times)
    {
        if (times.Answers > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"answers {what}: half within {Milliseconds(times.P50)}, 9 of 10 within {Milliseconds(times.P90)}, 99 of 100 within {Milliseconds(times.P99)}").AppendLine();
        }
    }

    private static string Milliseconds(long microseconds) => string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1000.0:0.##} ms");

    private static void Append(StringBuilder text, string head, ImmutableArray<NamedCount> counts, long all)
    {
        if (counts.IsEmpty)
        {
            return;
        }

        var width = Math.Max(head.Length, Math.Min(Longest, counts.Max(count => count.Name.Length)));
        text.AppendLine().Append(head.PadRight(width)).AppendLine("   QUERIES");
        foreach (var count in counts)
        {
            text.Append(count.Name.PadRight(width)).Append(CultureInfo.InvariantCulture, $"  {count.Queries,8}");
            text.AppendLine(all == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"  {(double)count.Queries / all,6:0.0%}"));
        }
    }
}
