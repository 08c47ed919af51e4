using Edge.Names.Filtering;
using Edge.Observability.Metrics;

namespace Edge.Admin.Metrics;

/// <summary>What is blocked, and by which list.</summary>
internal static class FilterMetrics
{
    public static void Write(IMetricSink to, FilterManager filter)
    {
        var rules = filter.Policy.Rules;
        var hits = filter.Hits;
        to.Gauge("edge_filter_names", "Names that have rules.").Sample(rules.NameCount);
        to.Gauge("edge_filter_bytes", "Memory that the rules take.").Sample(rules.Bytes);
        to.Counter("edge_filter_blocked_total", "Questions that were blocked, by the list or the setting that did it; they begin anew when rules change.");
        for (var number = 0; number < rules.Sources.Length; number++)
        {
            to.Sample(hits[number], ("source", rules.Sources[number].Name));
        }

        to.Sample(hits[-1], ("source", "hours"));
        to.Gauge("edge_filter_list_failing", "1 for a list whose last update failed; its last good copy serves.");
        foreach (var list in filter.Lists)
        {
            to.Sample(list.Error is null ? 0 : 1, ("list", list.Options.Name));
        }
    }
}
