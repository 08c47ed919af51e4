using System.Collections.Frozen;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>
/// Makes the lists of destinations that requests go by, and tells at one place, which every request has in the cache, whether
/// anything has changed of any destination: what a route knows of its own holds until then, without a look at the cluster.
/// </summary>
/// <remarks>
/// In the place of YARP's own, which keeps a lock for each cluster in a weak table: the garbage collector looks at each of
/// them in each of its runs, and with 100,000 services held everything up for 17 ms instead of 2. Here one lock is for all,
/// which are seldom written and never read under it.
/// </remarks>
/// <param name="policies">Which destinations are given requests.</param>
internal sealed class DestinationUpdates(IEnumerable<IAvailableDestinationsPolicy> policies) : IClusterDestinationsUpdater
{
    private readonly FrozenDictionary<string, IAvailableDestinationsPolicy> _policies = policies.ToFrozenDictionary(policy => policy.Name, StringComparer.OrdinalIgnoreCase);
    private readonly Lock _writing = new();
    private volatile object _era = new();

    /// <summary>Another object after each change.</summary>
    public object Era => _era;

    public void UpdateAllDestinations(ClusterState cluster)
    {
        lock (_writing)
        {
            // Of a new cluster nobody knows anything.
            var isNew = cluster.DestinationsState.AllDestinations.Count == 0;
            Put(cluster, [.. cluster.Destinations.Values]);
            if (!isNew)
            {
                _era = new object();
            }
        }
    }

    public void UpdateAvailableDestinations(ClusterState cluster)
    {
        lock (_writing)
        {
            Put(cluster, cluster.DestinationsState.AllDestinations);
            _era = new object();
        }
    }

    // What a health check says of a destination of this cluster while this looks is found by the look that it asks for itself.
    private void Put(ClusterState cluster, IReadOnlyList<DestinationState> all)
    {
        var config = cluster.Model.Config;
        // An empty name is none, as YARP's check of the configuration has it.
        var name = config.HealthCheck?.AvailableDestinationsPolicy is { Length: > 0 } said ? said : HealthCheckConstants.AvailableDestinations.HealthyAndUnknown;
        if (!_policies.TryGetValue(name, out var policy))
        {
            throw new InvalidOperationException($"Cluster {cluster.ClusterId}: there is no policy \"{name}\" that says which destinations are given requests.");
        }

        cluster.DestinationsState = new ClusterDestinationsState(all, policy.GetAvailalableDestinations(config, all));
    }
}
