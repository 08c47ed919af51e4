using Edge.Settings;
using Yarp.ReverseProxy.Configuration;

namespace Edge.Gateway;

/// <summary>A cluster of a file in YARP's shape.</summary>
/// <param name="At">Where it stands.</param>
/// <param name="Id">Its name.</param>
/// <param name="Config">What it says; null when that is not sound, so that what it said before stays in force.</param>
internal sealed record YarpCluster(Node At, string Id, ClusterConfig? Config);
