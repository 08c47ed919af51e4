using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>The clusters of all files in YARP's shape.</summary>
/// <param name="Clusters">By name.</param>
/// <param name="Sound">What was said of them and found sound.</param>
internal sealed record YarpClusterSet(IReadOnlyDictionary<string, ClusterState> Clusters, IReadOnlySet<YarpCluster> Sound)
{
    public static readonly YarpClusterSet Empty = new(new Dictionary<string, ClusterState>(), new HashSet<YarpCluster>());
}
