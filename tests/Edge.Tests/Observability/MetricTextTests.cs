using System.Text;
using Edge.Observability.Metrics;

namespace Edge.Tests.Observability;

/// <summary>The text format of Prometheus.</summary>
public sealed class MetricTextTests
{
    [Fact]
    public async Task Families_samples_and_escapes()
    {
        using var text = new MetricText();
        text.Counter("a_total", "All a.").Sample(3).Sample(0.5, ("x", "1"), ("y", "say \"hi\"\\\n"));
        text.Gauge("b", "B.");
        text.Times("c_seconds", "C.").Buckets([1, 0, 2], [0.1, 1], 7.25, ("route", "r"));
        Assert.Equal(
            """
            # HELP a_total All a.
            # TYPE a_total counter
            a_total 3
            a_total{x="1",y="say \"hi\"\\\n"} 0.5
            # HELP b B.
            # TYPE b gauge
            # HELP c_seconds C.
            # TYPE c_seconds histogram
            c_seconds_bucket{route="r",le="0.1"} 1
            c_seconds_bucket{route="r",le="1"} 1
            c_seconds_bucket{route="r",le="+Inf"} 3
            c_seconds_sum{route="r"} 7.25
            c_seconds_count{route="r"} 3

            """,
            await SentAsync(text));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-1.5, "-1.5")]
    [InlineData(1e21, "1E+21")]
    [InlineData(9007199254740993, "9007199254740992")]
    [InlineData(0.1 + 0.2, "0.30000000000000004")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(double.NaN, "NaN")]
    public async Task A_number_is_read_back_as_it_was(double value, string written)
    {
        using var text = new MetricText();
        text.Gauge("a", "A.").Sample(value);
        Assert.EndsWith($"\na {written}\n", await SentAsync(text), StringComparison.Ordinal);
    }

    // A piece ends in whatever is written there: the longest part is the likeliest.
    [Theory]
    [InlineData("a")]
    [InlineData("edge_destination_requests_in_flight")]
    public async Task Of_many_samples_none_is_lost_between_two_pieces(string family)
    {
        using var text = new MetricText();
        var sink = text.Gauge(family, "A.");
        var expected = new StringBuilder($"# HELP {family} A.\n# TYPE {family} gauge\n");
        for (var i = 0; i < 20_000; i++)
        {
            sink.Sample(i, ("route", $"r\u00e4{i}"));
            expected.Append(System.Globalization.CultureInfo.InvariantCulture, $"{family}{{route=\"r\u00e4{i}\"}} {i}\n");
        }

        Assert.Equal(expected.ToString(), await SentAsync(text));
    }

    private static async Task<string> SentAsync(MetricText text)
    {
        using var sent = new MemoryStream();
        await text.SendAsync(sent, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(sent.ToArray());
    }

    [Theory]
    [InlineData("service:shop", "shop")]
    [InlineData("service:shop.routes[1]", "shop")]
    [InlineData("api", "")]
    public void A_route_tells_its_service(string route, string service) => Assert.Equal(service, Edge.Observability.RouteName.Service(route).ToString());

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1000, 0)]
    [InlineData(1001, 1)]
    [InlineData(60_000_000, 13)]
    [InlineData(60_000_001, 14)]
    public void A_time_falls_into_the_bucket_whose_end_it_does_not_pass(long microseconds, int bucket)
    {
        var times = new Histogram();
        times.Add(TimeSpan.FromMicroseconds(microseconds));
        Assert.Equal(1, times.Read().Counts[bucket]);
        Assert.Equal(microseconds / 1e6, times.Read().Sum, 9);
    }
}
