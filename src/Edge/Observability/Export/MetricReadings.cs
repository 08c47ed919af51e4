using System.Diagnostics.Metrics;
using Edge.Observability.Metrics;

namespace Edge.Observability.Export;

/// <summary>Keeps what was read, for instruments that are asked one by one. Of times it has how many there were and their sum.</summary>
internal sealed class MetricReadings : IMetricSink
{
    private const string Total = "_total";

    private MetricReading _family = new("", "", false);

    public List<MetricReading> Families { get; } = [];

    public IMetricSink Counter(string name, string help) => Family(name.EndsWith(Total, StringComparison.Ordinal) ? name[..^Total.Length] : name, help, true);

    public IMetricSink Gauge(string name, string help) => Family(name, help, false);

    public IMetricSink Times(string name, string help)
    {
        Family(name + "_sum", help, true);
        return Family(name + "_count", help, true);
    }

    public IMetricSink Sample(double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        _family.Values.Add(new Measurement<double>(value, Tags(labels)));
        return this;
    }

    public IMetricSink Buckets(IReadOnlyList<long> counts, IReadOnlyList<double> bounds, double sum, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var tags = Tags(labels);
        Families[^2].Values.Add(new Measurement<double>(sum, tags));
        _family.Values.Add(new Measurement<double>(counts.Sum(), tags));
        return this;
    }

    private MetricReadings Family(string name, string help, bool grows)
    {
        _family = new MetricReading(name, help, grows);
        Families.Add(_family);
        return this;
    }

    private static KeyValuePair<string, object?>[] Tags(ReadOnlySpan<(string Name, string Value)> labels)
    {
        var tags = new KeyValuePair<string, object?>[labels.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            tags[i] = new(labels[i].Name, labels[i].Value);
        }

        return tags;
    }
}
