using Edge.Observability.Metrics;
using Edge.Outward;

namespace Edge.Admin.Metrics;

/// <summary>Names that others serve: whether they have the address of this box.</summary>
internal static class OutwardMetrics
{
    public static void Write(IMetricSink to, OutwardRoom outward)
    {
        to.Gauge("edge_outward_up_to_date", "Whether a name that others serve has the addresses that it is to have: 1, else 0.");
        foreach (var target in outward.Targets)
        {
            to.Sample(target.State is { Outcome: PushOutcome.Sent or PushOutcome.Unchanged } state && state.Sent == target.Wanted ? 1 : 0, ("name", target.Name.Host));
        }

        to.Gauge("edge_outward_looked_timestamp_seconds", "When the other side was asked last.");
        foreach (var target in outward.Targets.Where(target => target.State is not null))
        {
            to.Sample(target.State!.Looked.ToUnixTimeSeconds(), ("name", target.Name.Host));
        }
    }
}
