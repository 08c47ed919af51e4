using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>
/// Makes YARP's runtime clusters. A cluster whose configuration is the same stays the same object; of a changed one
/// the destinations and the HTTP client are kept where they are the same. Used by the one writer only.
/// </summary>
internal sealed class ClusterFactory(
    IForwarderHttpClientFactory clients,
    IClusterDestinationsUpdater destinations,
    IEnumerable<IClusterChangeListener> listeners,
    IActiveHealthCheckMonitor monitor)
{
    private readonly IClusterChangeListener[] _listeners = [.. listeners];
    private HttpMessageInvoker? _shared;

    public ClusterState Make(ClusterConfig config, ClusterState? previous)
    {
        if (previous is not null && previous.Model.Config.Equals(config))
        {
            return previous;
        }

        var cluster = new ClusterState(config.ClusterId, new ClusterModel(config, Client(config, previous)));
        foreach (var (id, destination) in config.Destinations ?? new Dictionary<string, DestinationConfig>())
        {
            cluster.Destinations[id] = previous is not null && previous.Destinations.TryGetValue(id, out var known) && known.Model.Config.Equals(destination)
                ? known
                : new DestinationState(id, new DestinationModel(destination));
        }

        destinations.UpdateAllDestinations(cluster);
        Announce(cluster, previous);
        return cluster;
    }

    /// <summary>Ends the health checks of a cluster that is in the table no more; its connections end by themselves.</summary>
    public void Remove(ClusterState cluster)
    {
        foreach (var listener in _listeners)
        {
            listener.OnClusterRemoved(cluster);
        }
    }

    // All clusters that state nothing about their client share one: its connections are pooled by address anyway.
    private HttpMessageInvoker Client(ClusterConfig config, ClusterState? previous)
    {
        var metadata = ClientMetadata(config);
        if (config.HttpClient is null && metadata is null)
        {
            return _shared ??= clients.CreateClient(new ForwarderHttpClientContext { ClusterId = "shared", NewConfig = HttpClientConfig.Empty, OldConfig = HttpClientConfig.Empty });
        }

        var before = previous?.Model.HttpClient;
        return clients.CreateClient(new ForwarderHttpClientContext
        {
            ClusterId = config.ClusterId,
            OldConfig = previous?.Model.Config.HttpClient ?? HttpClientConfig.Empty,
            OldMetadata = previous is null ? null : ClientMetadata(previous.Model.Config),
            OldClient = ReferenceEquals(before, _shared) ? null : before,
            NewConfig = config.HttpClient ?? HttpClientConfig.Empty,
            NewMetadata = metadata,
        });
    }

    private static Dictionary<string, string>? ClientMetadata(ClusterConfig config)
    {
        var names = (config.Destinations ?? new Dictionary<string, DestinationConfig>()).Values
            .Select(destination => Uri.TryCreate(destination.Address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps ? uri.IdnHost : null)
            .OfType<string>().Distinct().Order().ToList();
        var metadata = new Dictionary<string, string>();
        if (names.Count > 0)
        {
            metadata[DestinationClientFactory.TlsNames] = string.Join(' ', names);
        }

        if (config.Metadata?.GetValueOrDefault(DestinationClientFactory.ConnectWithin) is { } within)
        {
            metadata[DestinationClientFactory.ConnectWithin] = within;
        }

        return metadata.Count == 0 ? null : metadata;
    }

    private void Announce(ClusterState cluster, ClusterState? previous)
    {
        foreach (var listener in _listeners)
        {
            if (previous is not null)
            {
                listener.OnClusterRemoved(previous);
            }

            listener.OnClusterAdded(cluster);
        }

        if (cluster.Model.Config.HealthCheck?.Active?.Enabled is true)
        {
            // Probes at once, and starts the monitor's clock the first time. It reports its failures itself.
            _ = monitor.CheckHealthAsync([cluster]);
        }
    }
}
