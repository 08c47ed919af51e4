using Edge.Connections;
using Edge.Settings;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>
/// The clusters of the files in YARP's shape, kept from change to change: a bad one keeps what it was before. Used by
/// <see cref="YarpEntries"/> only.
/// </summary>
internal sealed class YarpClusters(ClusterFactory factory, OwnAddresses own, IConfigValidator validator)
{
    private YarpClusterSet _kept = YarpClusterSet.Empty;

    /// <summary>What the files say now; what was found sound before and was not read anew is not checked anew. Nothing is kept of it before <see cref="Keep"/>.</summary>
    public YarpClusterSet Read(IEnumerable<YarpCluster> said, ProblemList problems)
    {
        var sound = new HashSet<YarpCluster>(ReferenceEqualityComparer.Instance);
        var clusters = new Dictionary<string, ClusterState>(StringComparer.OrdinalIgnoreCase);
        var places = new Dictionary<string, Node>(StringComparer.OrdinalIgnoreCase);
        foreach (var cluster in said)
        {
            if (clusters.ContainsKey(cluster.Id))
            {
                problems.Add(cluster.At, $"is the name of another cluster already ({places[cluster.Id].File}:{places[cluster.Id].Line})", "names of clusters are unique among all files");
                continue;
            }

            places[cluster.Id] = cluster.At;
            var before = _kept.Clusters.GetValueOrDefault(cluster.Id);
            if (_kept.Sound.Contains(cluster) && before is not null)
            {
                clusters.Add(cluster.Id, before);
                sound.Add(cluster);
                continue;
            }

            var made = before;
            if (cluster.Config is { } config && IsSound(cluster.At, config, problems))
            {
                made = factory.Make(config, before);
                sound.Add(cluster);
            }

            if (made is not null)
            {
                clusters.Add(cluster.Id, made);
            }
        }

        return new YarpClusterSet(clusters, sound);
    }

    /// <summary>From now on these are the ones.</summary>
    public void Keep(YarpClusterSet now)
    {
        foreach (var (id, cluster) in _kept.Clusters)
        {
            if (!now.Clusters.ContainsKey(id))
            {
                factory.Remove(cluster);
            }
        }

        _kept = now;
    }

    private bool IsSound(Node at, ClusterConfig config, ProblemList problems)
    {
        var wrong = Wait(validator.ValidateClusterAsync(config)).Select(error => error.Message).ToList();
        foreach (var message in wrong)
        {
            problems.Add(at, message);
        }

        foreach (var (name, destination) in config.Destinations ?? new Dictionary<string, DestinationConfig>())
        {
            if (own.LeadsBackTo(new Uri(destination.Address)) is { } listener)
            {
                wrong.Add(name);
                problems.Add(at, $"the destination {name}, {destination.Address}, is this gateway itself ({listener}), so requests would go in a circle", "name the address and port of the program behind it");
            }
        }

        return wrong.Count == 0;
    }

    // YARP's validators only look into memory; the task is complete when it comes back.
    private static IList<Exception> Wait(ValueTask<IList<Exception>> validation) => validation.AsTask().GetAwaiter().GetResult();
}
