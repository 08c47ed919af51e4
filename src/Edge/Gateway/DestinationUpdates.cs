using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>
/// Tells at one place, which every request has in the cache, whether anything has changed of any destination: what a route knows of
/// its own holds until then, without a look at the cluster.
/// </summary>
/// <param name="inner">YARP's own, which makes the lists that requests go by.</param>
internal sealed class DestinationUpdates(IClusterDestinationsUpdater inner) : IClusterDestinationsUpdater
{
    private volatile object _era = new();

    /// <summary>Another object after each change.</summary>
    public object Era => _era;

    public void UpdateAllDestinations(ClusterState cluster)
    {
        // Of a new cluster nobody knows anything.
        var isNew = cluster.DestinationsState.AllDestinations.Count == 0;
        inner.UpdateAllDestinations(cluster);
        if (!isNew)
        {
            _era = new object();
        }
    }

    public void UpdateAvailableDestinations(ClusterState cluster)
    {
        inner.UpdateAvailableDestinations(cluster);
        _era = new object();
    }
}
