using System.Buffers.Binary;
using Edge.Dns.Wire;

namespace Edge.Dns.Transfer;

/// <summary>The timers of a SOA (RFC 1035 §3.3.13), within bounds: a primary's slip must neither flood it nor forget the zone.</summary>
internal static class SecondaryTimers
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MostRefresh = TimeSpan.FromDays(7);
    private static readonly TimeSpan MostRetry = TimeSpan.FromHours(1);

    /// <summary>Until the next question after a good answer; a little less than the SOA says, so that many zones do not ask at once.</summary>
    public static TimeSpan Refresh(ResourceRecord soa) => Early(Field(soa, 16, Least, MostRefresh));

    /// <summary>Until the next try after a failed one. A zone that never came is tried often at first, then less.</summary>
    public static TimeSpan Retry(ResourceRecord? soa, int failures) => Early(soa is not null
        ? Field(soa, 12, Least, MostRetry)
        : TimeSpan.FromSeconds(Math.Min(MostRetry.TotalSeconds, Least.TotalSeconds * Math.Pow(2, Math.Min(failures, 16)))));

    /// <summary>How long the zone may be served without hearing of a primary.</summary>
    public static TimeSpan Expire(ResourceRecord soa) => Field(soa, 8, Least, TimeSpan.FromDays(10_000));

    private static TimeSpan Field(ResourceRecord soa, int fromEnd, TimeSpan least, TimeSpan most)
    {
        var time = TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32BigEndian(soa.Data.Wire[^fromEnd..]));
        return time < least ? least : time > most ? most : time;
    }

    private static TimeSpan Early(TimeSpan time) => time * (1 - (Random.Shared.NextDouble() / 10));
}
