using System.Diagnostics.Metrics;

namespace Edge.Observability.Export;

/// <summary>One family of metrics as it was read.</summary>
/// <param name="Name">As in the text format, without _total.</param>
/// <param name="Help">What it is.</param>
/// <param name="Grows">Whether it is a counter.</param>
internal sealed record MetricReading(string Name, string Help, bool Grows)
{
    /// <summary>Its values.</summary>
    public List<Measurement<double>> Values { get; } = [];
}
