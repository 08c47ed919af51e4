using System.Collections.Immutable;

namespace Edge.Dns.Queries;

/// <summary>
/// Makes statistics of the queries that are drained, in bounded memory: numbers of a day, hour by hour and minute by minute, and
/// who asked for what of the last hour, in slices of ten minutes. Not for several threads at once.
/// </summary>
internal sealed class QueryCounter(ImmutableArray<string> transports, DateTimeOffset since)
{
    private const int Hours = 24;
    private const int Minutes = Hours * 60;
    private const int Slices = 6;

    private readonly RollingSlots<HourCounts> _hours = new(Hours, TimeSpan.FromHours(1), () => new HourCounts(transports.Length));
    private readonly RollingSlots<MinuteCounts> _minutes = new(Minutes, TimeSpan.FromMinutes(1), () => new MinuteCounts());
    private readonly RollingSlots<TopSlice> _tops = new(Slices, TimeSpan.FromMinutes(10), () => new TopSlice());

    /// <summary>A query that was read.</summary>
    public void Add(ref QuerySlot slot)
    {
        _hours.At(slot.Time)?.Add(ref slot);
        _tops.At(slot.Time)?.Add(ref slot);
        if (_minutes.At(slot.Time) is { } minute)
        {
            minute.Queries++;
            minute.Blocked += slot.By == AnsweredBy.Blocked ? 1 : 0;
        }
    }

    /// <summary>Queries that are only known to have been there.</summary>
    public void AddMissed(long count, long now)
    {
        if (count > 0 && _minutes.At(now) is { } minute)
        {
            minute.Queries += count;
        }
    }

    /// <summary>Forgets who asked for what.</summary>
    public void ForgetClients() => _tops.Clear();

    /// <summary>Lets go of what is too old, though nothing new comes.</summary>
    public void Expire(long now)
    {
        _hours.At(now);
        _tops.At(now);
    }

    /// <summary>The statistics now.</summary>
    /// <param name="top">How many clients and names are told.</param>
    /// <param name="missed">Queries that were only counted.</param>
    /// <param name="now">The time in ticks of UTC.</param>
    public QueryStatistics Report(int top, long missed, long now)
    {
        Expire(now);
        var day = new HourCounts(transports.Length);
        foreach (var (_, hour) in _hours.Current(now))
        {
            day.Add(hour);
        }

        var total = day.Ways.Sum();
        var tops = _tops.Current(now).Select(slice => slice.Value).ToList();
        return new QueryStatistics
        {
            Since = since,
            Queries = total,
            Missed = missed,
            BlockedShare = total == 0 ? 0 : Math.Round((double)day.Ways[(int)AnsweredBy.Blocked] / total, 4),
            Ways = Named(day.Ways, QueryWords.Ways),
            Transports = Named(day.Transports, transports),
            Types = Sorted(day.Types.Select(pair => new NamedCount(pair.Key == 0 ? "-" : QueryWords.TypeText(pair.Key), pair.Value))),
            Rcodes = Sorted(day.Rcodes.Select(pair => new NamedCount(QueryWords.RcodeText(pair.Key), pair.Value))),
            AtHand = Of(day.AtHand),
            Asked = Of(day.Asked),
            Clients = TopSlice.Merge(tops.Select(slice => slice.Clients), top),
            Names = TopSlice.Merge(tops.Select(slice => slice.Names), top),
            BlockedNames = TopSlice.Merge(tops.Select(slice => slice.BlockedNames), top),
            Minutes = [.. _minutes.Current(now).Where(minute => minute.Value.Queries > 0).Select(minute => new MinuteCount(minute.Time, minute.Value.Queries, minute.Value.Blocked))],
        };
    }

    private static Percentiles Of(LatencyHistogram times) => new(times.Count, times.Percentile(0.5), times.Percentile(0.9), times.Percentile(0.99));

    private static ImmutableArray<NamedCount> Named(long[] counts, ImmutableArray<string> names) =>
        Sorted(counts.Select((count, index) => new NamedCount(names[index], count)).Where(named => named.Queries > 0));

    private static ImmutableArray<NamedCount> Sorted(IEnumerable<NamedCount> counts) =>
        [.. counts.OrderByDescending(named => named.Queries).ThenBy(named => named.Name, StringComparer.Ordinal)];
}
