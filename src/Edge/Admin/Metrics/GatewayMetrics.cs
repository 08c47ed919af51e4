using System.Globalization;
using Edge.Gateway;
using Edge.Observability;
using Edge.Observability.Metrics;
using Yarp.ReverseProxy.Model;

namespace Edge.Admin.Metrics;

/// <summary>Requests, connections and destinations.</summary>
internal static class GatewayMetrics
{
    public static void Write(IMetricSink to, ObservabilityRoom observed, RouteTableManager routes)
    {
        var entries = routes.Current.Entries;
        observed.Requests.Forget(entries.Length, () => entries.Select(entry => entry.Id).ToHashSet(StringComparer.Ordinal));
        (string Route, RouteCounts Counts)[] all =
        [
            ("", observed.Requests.WithoutRoute),
            .. observed.Requests.Routes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value)),
        ];
        WriteRequests(to, all);
        to.Counter("edge_http_rejected_requests_total", "Requests that were no HTTP, too long or too slow, by the status that they were answered.");
        foreach (var (status, count) in observed.Requests.Rejected())
        {
            to.Sample(count, ("status", status.ToString(CultureInfo.InvariantCulture)));
        }

        to.Gauge("edge_http_requests_in_flight", "Requests that are being served.").Sample(observed.Requests.InFlight);
        var connections = observed.Connections;
        to.Counter("edge_http_connections_total", "Connections accepted.").Sample(connections.Accepted);
        to.Gauge("edge_http_connections_open", "Connections that are open.").Sample(connections.Open);
        to.Counter("edge_tls_handshakes_total", "TLS handshakes that were begun.").Sample(connections.HandshakesBegun);
        to.Counter("edge_tls_handshakes_completed_total", "TLS handshakes that led to a connection.").Sample(connections.HandshakesCompleted);
        to.Counter("edge_access_log_lines_total", "Lines written to the access log.").Sample(observed.Log.Written);
        to.Counter("edge_access_log_dropped_total", "Requests without a line in the access log.").Sample(observed.Log.Dropped);
        to.Gauge("edge_routes", "Routes in force.").Sample(entries.Length);
        WriteDestinations(to, entries);
    }

    private static void WriteRequests(IMetricSink to, (string Route, RouteCounts Counts)[] all)
    {
        to.Counter("edge_http_requests_total", "Requests that ended, by the class of their status; 499 is a client that left.");
        foreach (var (route, counts) in all)
        {
            foreach (var (name, count) in counts.ByClass())
            {
                to.Sample(count, ("service", RouteName.Service(route).ToString()), ("route", route), ("code", name));
            }
        }

        to.Times("edge_http_request_duration_seconds", "From the header of a request to the end of its answer.");
        foreach (var (route, counts) in all)
        {
            Times(to, route, counts.Durations);
        }

        to.Times("edge_http_upstream_duration_seconds", "What destinations took, to the end of their answers.");
        foreach (var (route, counts) in all.Skip(1))
        {
            Times(to, route, counts.Upstream);
        }

        to.Counter("edge_http_response_bytes_total", "Bytes of answers' bodies.");
        foreach (var (route, counts) in all)
        {
            to.Sample(counts.Bytes, ("service", RouteName.Service(route).ToString()), ("route", route));
        }

        to.Counter("edge_http_upstream_errors_total", "Requests to destinations that failed: no connection, a broken or late answer.");
        foreach (var (route, counts) in all.Skip(1))
        {
            to.Sample(counts.Errors, ("service", RouteName.Service(route).ToString()), ("route", route));
        }
    }

    private static void Times(IMetricSink to, string route, (long[] Buckets, double Sum) times)
    {
        to.Buckets(times.Buckets, Histogram.Bounds, times.Sum, ("service", RouteName.Service(route).ToString()), ("route", route));
    }

    private static void WriteDestinations(IMetricSink to, IReadOnlyList<RouteEntry> entries)
    {
        var all = Destinations(entries);
        to.Gauge("edge_destination_healthy", "1 for a destination that is given requests, 0 for one that is left out.");
        foreach (var (cluster, destination) in all)
        {
            to.Sample(IsHealthy(destination) ? 1 : 0, ("cluster", cluster), ("destination", destination.DestinationId), ("address", destination.Model.Config.Address));
        }

        to.Gauge("edge_destination_requests_in_flight", "Requests that a destination works on.");
        foreach (var (cluster, destination) in all)
        {
            to.Sample(DestinationLoad.InFlight(destination), ("cluster", cluster), ("destination", destination.DestinationId), ("address", destination.Model.Config.Address));
        }
    }

    // In the order of their names. Routes may share a cluster, and so its destinations.
    private static List<(string Cluster, DestinationState Destination)> Destinations(IReadOnlyList<RouteEntry> entries)
    {
        var clusters = entries.Select(entry => entry.Model.Cluster).OfType<ClusterState>().Distinct().ToArray();
        Array.Sort(clusters, static (one, other) => string.CompareOrdinal(one.ClusterId, other.ClusterId));
        var all = new List<(string Cluster, DestinationState Destination)>(clusters.Length);
        foreach (var cluster in clusters)
        {
            // Mostly one: of a hundred thousand that need no order none is put in order.
            var some = cluster.DestinationsState.AllDestinations;
            var ordered = some.Count > 1 ? some.OrderBy(destination => destination.DestinationId, StringComparer.Ordinal) : (IEnumerable<DestinationState>)some;
            foreach (var destination in ordered)
            {
                all.Add((cluster.ClusterId, destination));
            }
        }

        return all;
    }

    private static bool IsHealthy(DestinationState destination) => destination.Health is { Active: not DestinationHealth.Unhealthy, Passive: not DestinationHealth.Unhealthy } && !CircuitBreakers.IsOpen(destination);
}
