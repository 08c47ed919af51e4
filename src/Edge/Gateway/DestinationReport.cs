using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>A destination and how it is.</summary>
/// <param name="Address">Its address as declared.</param>
/// <param name="Health">"healthy", "unhealthy", "breaker open" after failures in a row, or "unknown" as long as nothing was sent to it.</param>
/// <param name="InUse">Gets requests at the moment.</param>
/// <param name="InFlight">Requests that it is working on.</param>
internal sealed record DestinationReport(string Address, string Health, bool InUse, int InFlight)
{
    public static DestinationReport Of(DestinationState destination, ClusterDestinationsState cluster) => new(
        destination.Model.Config.Address,
        (destination.Health.Active, destination.Health.Passive) switch
        {
            (DestinationHealth.Unhealthy, _) or (_, DestinationHealth.Unhealthy) => "unhealthy",
            _ when CircuitBreakers.IsOpen(destination) => "breaker open",
            (DestinationHealth.Healthy, _) or (_, DestinationHealth.Healthy) => "healthy",
            _ => "unknown",
        },
        cluster.AvailableDestinations.Contains(destination) && !CircuitBreakers.IsOpen(destination),
        DestinationLoad.InFlight(destination));
}
