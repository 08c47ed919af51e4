namespace Edge.Observability.Metrics;

/// <summary>Takes metrics: family by family, each with the samples that belong to it.</summary>
internal interface IMetricSink
{
    /// <summary>Something that only grows; its name ends in _total.</summary>
    IMetricSink Counter(string name, string help);

    /// <summary>Something that goes up and down.</summary>
    IMetricSink Gauge(string name, string help);

    /// <summary>Times in buckets.</summary>
    IMetricSink Times(string name, string help);

    /// <summary>A value of the family that was begun.</summary>
    IMetricSink Sample(double value, params ReadOnlySpan<(string Name, string Value)> labels);

    /// <summary>The buckets, the sum and the count of times.</summary>
    /// <param name="counts">How many in each bucket; the last one has no end.</param>
    /// <param name="bounds">The ends of the buckets in seconds.</param>
    /// <param name="sum">All of them in seconds.</param>
    /// <param name="labels">What tells these times from others of the family.</param>
    IMetricSink Buckets(IReadOnlyList<long> counts, IReadOnlyList<double> bounds, double sum, params ReadOnlySpan<(string Name, string Value)> labels);
}
