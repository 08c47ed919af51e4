using System.Globalization;
using System.Text;

namespace Edge.Observability.Metrics;

/// <summary>
/// Writes metrics in the text format of Prometheus, version 0.0.4: each family with its help and its type in front, all its
/// samples behind it.
/// </summary>
internal sealed class MetricText : IMetricSink
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new(16 * 1024);
    private string _family = "";

    public IMetricSink Counter(string name, string help) => Family(name, help, "counter");

    public IMetricSink Gauge(string name, string help) => Family(name, help, "gauge");

    public IMetricSink Times(string name, string help) => Family(name, help, "histogram");

    public IMetricSink Sample(double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        Line(_family, value, labels, null);
        return this;
    }

    public IMetricSink Buckets(IReadOnlyList<long> counts, IReadOnlyList<double> bounds, double sum, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var total = 0L;
        for (var i = 0; i < counts.Count; i++)
        {
            total += counts[i];
            Line(_family + "_bucket", total, labels, i < bounds.Count ? Number(bounds[i]) : "+Inf");
        }

        Line(_family + "_sum", sum, labels, null);
        Line(_family + "_count", total, labels, null);
        return this;
    }

    public override string ToString() => _text.ToString();

    private MetricText Family(string name, string help, string type)
    {
        _family = name;
        _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
        return this;
    }

    private void Line(string name, double value, ReadOnlySpan<(string Name, string Value)> labels, string? bucket)
    {
        _text.Append(name);
        var before = '{';
        foreach (var (label, said) in labels)
        {
            _text.Append(before).Append(label).Append("=\"");
            Escape(said);
            _text.Append('"');
            before = ',';
        }

        if (bucket is not null)
        {
            _text.Append(before).Append("le=\"").Append(bucket).Append('"');
            before = ',';
        }

        _text.Append(before == ',' ? "} " : " ").Append(Number(value)).Append('\n');
    }

    private void Escape(string text)
    {
        foreach (var c in text)
        {
            _text.Append(c switch { '\\' => "\\\\", '"' => "\\\"", '\n' => "\\n", _ => null });
            if (c is not ('\\' or '"' or '\n'))
            {
                _text.Append(c);
            }
        }
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
