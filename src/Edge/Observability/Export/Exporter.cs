using Edge.Observability.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Edge.Observability.Export;

/// <summary>Sends traces and metrics to a collector by OTLP over HTTP; made only where the settings name one.</summary>
internal sealed class Exporter : IDisposable
{
    // What .NET's HTTP client calls its spans; they are sent as part of a request's trace.
    private const string HttpClientSource = "System.Net.Http";

    // The framework takes all beyond 2,000 for one, and keeps a place of a hundred bytes for each of as many as it is told.
    private const int MostSeries = 20_000;

    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;
    private readonly ExportedMetrics? _exported;

    /// <param name="options">Where to, and what.</param>
    /// <param name="node">The name of this box.</param>
    /// <param name="version">Edge's version.</param>
    /// <param name="collect">Reads the metrics.</param>
    /// <param name="time">The clock.</param>
    public Exporter(ExportOptions options, string node, string version, Action<IMetricSink> collect, TimeProvider time)
    {
        var resource = ResourceBuilder.CreateDefault().AddService("edge", serviceVersion: version, autoGenerateServiceInstanceId: false, serviceInstanceId: node);
        if (options.Traces > 0)
        {
            _traces = Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(resource)
                .AddSource(RequestTracing.SourceName, HttpClientSource)
                .SetSampler(new RequestSampler(options.Traces))
                .AddOtlpExporter(otlp => Send(otlp, options, "v1/traces"))
                .Build();
        }

        if (options.Metrics)
        {
            _exported = new ExportedMetrics(collect, time);
            _metrics = Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(resource)
                .AddMeter(ExportedMetrics.MeterName)
                .AddView(instrument => ExportedMetrics.HasManySeries(instrument.Name) ? new MetricStreamConfiguration { CardinalityLimit = MostSeries } : null)
                .AddOtlpExporter((otlp, reader) =>
                {
                    Send(otlp, options, "v1/metrics");
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.Interval.TotalMilliseconds;
                })
                .Build();
        }
    }

    /// <summary>Sends what is left, for as long as an ordered end may take.</summary>
    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
        _exported?.Dispose();
    }

    private static void Send(OtlpExporterOptions otlp, ExportOptions options, string path)
    {
        otlp.Protocol = OtlpExportProtocol.HttpProtobuf;
        otlp.Endpoint = new Uri(options.Endpoint!.AbsoluteUri.TrimEnd('/') + "/" + path);
        otlp.Headers = string.Join(',', options.Headers.Select(header => $"{header.Key}={Uri.EscapeDataString(header.Value)}"));
        otlp.TimeoutMilliseconds = 5000;
    }
}
