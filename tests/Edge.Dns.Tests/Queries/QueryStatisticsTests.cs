using Edge.Dns.Nameserver;
using Edge.Dns.Queries;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Queries;

/// <summary>The statistics: right where they can be, close where memory is bounded.</summary>
public sealed class QueryStatisticsTests
{
    [Fact]
    public void Everything_is_counted_by_what_it_was()
    {
        var server = new RecordedServer();
        for (var i = 0; i < 8; i++)
        {
            server.Ask("web.example.com.", "A", "192.168.1.20");
        }

        server.Ask("WEB.example.com.", "AAAA", "192.168.1.21", Transport.Tls);
        server.Ask("gone.example.com.", "A", "192.168.1.21", Transport.Https);
        server.Time.Advance(TimeSpan.FromMinutes(1));
        server.Ask("www.example.org.", "A", "198.51.100.7");
        var statistics = server.Log.Statistics(2);
        string Told(IEnumerable<NamedCount> counts) => string.Join(' ', counts.Select(count => $"{count.Name}:{count.Queries}"));
        Assert.Equal(11, statistics.Queries);
        Assert.Equal("zone:10 refused:1", Told(statistics.Ways));
        Assert.Equal("udp:9 https:1 tls:1", Told(statistics.Transports));
        Assert.Equal("A:10 AAAA:1", Told(statistics.Types));
        Assert.Equal("NOERROR:9 NXDOMAIN:1 REFUSED:1", Told(statistics.Rcodes));
        Assert.Equal("192.168.1.20:8 192.168.1.21:2", Told(statistics.Clients));
        Assert.Equal("web.example.com:9 gone.example.com:1", Told(statistics.Names));
        Assert.Equal([10, 1], statistics.Minutes.Select(minute => minute.Queries));
        Assert.Equal((11, 0L), (statistics.AtHand.Answers, statistics.Asked.Answers));
    }

    [Fact]
    public void What_is_blocked_has_its_share_and_its_list()
    {
        var server = new RecordedServer(recursor: new NotingRecursor(AnsweredBy.Blocked, "ads", waits: false));
        server.Ask("ads.example.org.", flags: MessageFlags.RecursionDesired);
        server.Ask("web.example.com.");
        var statistics = server.Log.Statistics(10);
        Assert.Equal((0.5, "ads.example.org"), (statistics.BlockedShare, Assert.Single(statistics.BlockedNames).Name));
        Assert.Equal("ads", Assert.Single(server.Log.Find(new QueryFilter { Blocked = true })).Source);
        Assert.Equal(1, Assert.Single(statistics.Minutes).Blocked);
    }

    [Fact]
    public void A_day_later_the_numbers_are_of_the_new_day()
    {
        var server = new RecordedServer();
        server.Ask("web.example.com.");
        server.Log.Statistics(1);
        server.Time.Advance(TimeSpan.FromHours(23));
        server.Ask("web.example.com.");
        Assert.Equal((2L, 2), (server.Log.Statistics(1).Queries, server.Log.Statistics(1).Minutes.Length));
        server.Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal((1L, 1), (server.Log.Statistics(1).Queries, server.Log.Statistics(1).Minutes.Length));
    }

    [Fact]
    public void What_was_not_looked_at_is_counted()
    {
        var server = new RecordedServer();
        for (var i = 0; i < 3000; i++)
        {
            server.Ask("web.example.com.");
        }

        var statistics = server.Log.Statistics(1);
        Assert.Equal((1024L, 1976L, 3000L), (statistics.Queries, statistics.Missed, Assert.Single(statistics.Minutes).Queries));
    }

    [Fact]
    public void The_most_frequent_are_found_among_a_hundred_thousand_others()
    {
        var tops = new TopCounts(256);
        var random = new Random(1);
        var counts = new Dictionary<UInt128, long>();
        for (var i = 0; i < 300_000; i++)
        {
            // Every third is one of ten, the others are as good as new.
            var key = i % 3 == 0 ? (UInt128)random.Next(10) : (UInt128)(1000 + random.Next(100_000));
            counts[key] = counts.GetValueOrDefault(key) + 1;
            tops.Add(key);
        }

        var top = tops.All.OrderByDescending(entry => entry.Count).Take(10).ToList();
        Assert.Equal(Enumerable.Range(0, 10).Select(key => (UInt128)key), top.Select(entry => entry.Key).Order());
        Assert.All(top, entry => Assert.InRange(entry.Count, counts[entry.Key], counts[entry.Key] + tops.Doubt));
        Assert.Equal(256, tops.All.Count);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(7u)]
    [InlineData(1000u)]
    [InlineData(123_456u)]
    [InlineData(uint.MaxValue)]
    public void A_latency_is_known_to_a_quarter(uint microseconds)
    {
        var histogram = new LatencyHistogram();
        histogram.Add(microseconds);
        Assert.InRange(histogram.Percentile(0.5), microseconds, microseconds + (microseconds / 4L));
    }

    [Fact]
    public void Percentiles_are_those_of_the_answers()
    {
        var histogram = new LatencyHistogram();
        for (var i = 1u; i <= 1000; i++)
        {
            histogram.Add(i);
        }

        Assert.InRange(histogram.Percentile(0.5), 500, 625);
        Assert.InRange(histogram.Percentile(0.99), 990, 1240);
        Assert.Equal(0, new LatencyHistogram().Percentile(0.5));
    }

    [Fact]
    public void Of_a_flood_of_types_clients_and_names_only_so_many_are_held()
    {
        var counter = new QueryCounter(TransportKinds.Names, DateTimeOffset.UnixEpoch);
        QuerySlot slot = default;
        for (var i = 0; i < 200_000; i++)
        {
            slot.Time = new DateTime(2026, 11, 26).Ticks + TimeSpan.FromSeconds(i / 100.0).Ticks;
            slot.Type = (ushort)i;
            slot.Client = (UInt128)i;
            slot.NameLength = 6;
            unsafe
            {
                slot.Tail[0] = 4;
                slot.Tail[1] = (byte)i;
                slot.Tail[2] = (byte)(i >> 8);
                slot.Tail[3] = (byte)(i >> 16);
            }

            counter.Add(ref slot);
        }

        var report = counter.Report(int.MaxValue, 0, slot.Time);
        Assert.InRange(report.Clients.Length, 256, 6 * 256);
        Assert.InRange(report.Names.Length, 512, 6 * 512);
        Assert.True(report.Types.Length <= 301, $"{report.Types.Length} types");
    }
}
