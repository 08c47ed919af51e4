using System.Globalization;
using Edge.Observability.Metrics;
using Edge.PortMapping;

namespace Edge.Admin.Metrics;

/// <summary>The ports of the router that lead here, and whether anybody comes by them.</summary>
internal static class WayInMetrics
{
    public static void Write(IMetricSink to, PortMappingRoom room)
    {
        var state = room.State;
        to.Gauge("edge_port_mapping_up", "1 for a port of the router that leads here, 0 for one that should.");
        foreach (var mapping in state.Mappings)
        {
            to.Sample(mapping.IsMade ? 1 : 0, ("for", mapping.Wanted.For), ("protocol", mapping.Wanted.Protocol.ToString().ToLowerInvariant()), ("port", mapping.Wanted.External.ToString(CultureInfo.InvariantCulture)));
        }

        to.Counter("edge_port_mapping_requests_total", "Requests to the router for a mapping or its prolongation, by what became of them.");
        foreach (var outcome in Enum.GetValues<MapOutcome>())
        {
            to.Sample(room.Counters[outcome], ("outcome", outcome.ToString().ToLowerInvariant()));
        }

        to.Gauge("edge_way_in_open", "1 when somebody came in from outside or the address is this machine's own, 0 when not, or when nobody can say.");
        to.Sample(state.Verdict is WayInVerdict.Proven or WayInVerdict.Direct ? 1 : 0);
        to.Counter("edge_public_address_changes_total", "Changes of the addresses that views with addresses: auto tell.").Sample(room.Changes);
    }
}
