using System.Diagnostics.Metrics;
using Edge.Observability.Metrics;

namespace Edge.Observability.Export;

/// <summary>The same metrics as instruments: each is asked by itself, and all that are asked together see one reading.</summary>
internal sealed class ExportedMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Edge";

    private static readonly string[] Many = ["edge_http_", "edge_destination_", "edge_certificate_", "edge_zone_"];
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Meter _meter = new(MeterName);
    private readonly Action<IMetricSink> _collect;
    private readonly TimeProvider _time;
    private Dictionary<string, MetricReading> _latest = [];
    private long? _read;

    /// <param name="collect">Reads the metrics.</param>
    /// <param name="time">The clock.</param>
    public ExportedMetrics(Action<IMetricSink> collect, TimeProvider time)
    {
        (_collect, _time) = (collect, time);
        foreach (var family in Read().Values)
        {
            if (family.Grows)
            {
                _meter.CreateObservableCounter(family.Name, () => Values(family.Name), null, family.Help);
            }
            else
            {
                _meter.CreateObservableGauge(family.Name, () => Values(family.Name), null, family.Help);
            }
        }
    }

    /// <summary>Whether there is one for each route, destination, certificate or zone.</summary>
    public static bool HasManySeries(string name) => Array.Exists(Many, beginning => name.StartsWith(beginning, StringComparison.Ordinal));

    public void Dispose() => _meter.Dispose();

    private List<Measurement<double>> Values(string family)
    {
        lock (_gate)
        {
            return Read().GetValueOrDefault(family)?.Values ?? [];
        }
    }

    private Dictionary<string, MetricReading> Read()
    {
        if (_read is { } before && _time.GetElapsedTime(before) < Fresh)
        {
            return _latest;
        }

        var readings = new MetricReadings();
        _collect(readings);
        _latest = readings.Families.ToDictionary(family => family.Name, StringComparer.Ordinal);
        _read = _time.GetTimestamp();
        return _latest;
    }
}
