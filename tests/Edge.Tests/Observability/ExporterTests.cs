using System.Globalization;
using Edge.Observability.Export;
using Edge.Observability.Metrics;
using Edge.Tests.Whole;
using Xunit;

namespace Edge.Tests.Observability;

/// <summary>What a collector is sent of metrics.</summary>
public sealed class ExporterTests
{
    private const int Many = 2500;

    [Theory]
    [InlineData("edge_http_requests_total")]
    [InlineData("edge_destination_healthy")]
    [InlineData("edge_certificate_attempts")]
    [InlineData("edge_zone_serial")]
    public async Task Each_of_many_has_its_own_series(string name)
    {
        await using var collector = await OtlpCollector.StartAsync();
        using (new Exporter(new ExportOptions { Endpoint = new Uri(collector.Uri), Traces = 0 }, "box", "1", sink => Collect(sink, name), TimeProvider.System))
        {
        }

        var sent = collector.Sent("/v1/metrics");
        Assert.Equal(Many, Enumerable.Range(1, Many).Count(number => sent.Contains(Label(number), StringComparison.Ordinal)));
        Assert.DoesNotContain("otel.metric.overflow", sent, StringComparison.Ordinal);
    }

    private static void Collect(IMetricSink sink, string name)
    {
        sink = name.EndsWith("_total", StringComparison.Ordinal) ? sink.Counter(name, "") : sink.Gauge(name, "");
        for (var number = 1; number <= Many; number++)
        {
            sink.Sample(number, ("route", Label(number)));
        }
    }

    private static string Label(int number) => number.ToString("'r'0000'.'", CultureInfo.InvariantCulture);
}
