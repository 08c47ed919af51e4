using System.Collections.Immutable;
using Edge.Services;
using Edge.Settings;

namespace Edge.Gateway;

/// <summary>A route and how it is, for <c>edge explain</c> and the status.</summary>
/// <param name="Id">"service:photos", or the route's name in its file.</param>
/// <param name="Where">Where it was declared.</param>
/// <param name="Hosts">The hosts it asks for.</param>
/// <param name="Path">The path it asks for, and what else a service's route asks for; null for any.</param>
/// <param name="Expose">Who it is for.</param>
/// <param name="Destinations">Where requests go.</param>
/// <param name="Refused">Why it is not served; null when it is.</param>
internal sealed record RouteReport(string Id, string Where, ImmutableArray<string> Hosts, string? Path, Exposure Expose, ImmutableArray<DestinationReport> Destinations, Problem? Refused)
{
    public static RouteReport Of(RouteEntry entry)
    {
        var state = entry.Model.Cluster?.DestinationsState;
        return new RouteReport(
            entry.Id,
            entry.Where,
            [.. entry.Hosts.Select(host => host.ToString())],
            entry.IsService ? entry.Asks.Length == 0 ? null : entry.Asks : entry.Model.Config.Match.Path,
            entry.Expose,
            state is null ? [] : [.. state.AllDestinations.Select(destination => DestinationReport.Of(destination, state))],
            entry.Refused);
    }
}
