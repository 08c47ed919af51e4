using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>
/// The same destination for the same client, header or cookie, by rendezvous hashing: when one goes, only its own
/// share moves, and when one comes, it takes its share from all alike.
/// </summary>
internal sealed class HashPolicy : ILoadBalancingPolicy
{
    public const string PolicyName = "Hash";

    /// <summary>In the metadata of a cluster: "client", "header" or "cookie".</summary>
    public const string By = "Edge.HashBy";

    /// <summary>In the metadata of a cluster: the name of the header or cookie.</summary>
    public const string HeaderOrCookie = "Edge.HashName";

    public string Name => PolicyName;

    public DestinationState? PickDestination(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> availableDestinations)
    {
        var key = Key(context, cluster.Model.Config.Metadata);
        DestinationState? best = null;
        var most = double.NegativeInfinity;
        foreach (var destination in availableDestinations)
        {
            var score = Score(key, destination);
            if (score > most)
            {
                (best, most) = (destination, score);
            }
        }

        return best;
    }

    // A request without the header or cookie goes by its client.
    private static string Key(HttpContext context, IReadOnlyDictionary<string, string>? metadata)
    {
        var name = metadata?.GetValueOrDefault(HeaderOrCookie) ?? "";
        return metadata?.GetValueOrDefault(By) switch
        {
            "header" when context.Request.Headers[name].ToString() is { Length: > 0 } value => value,
            "cookie" when context.Request.Cookies[name] is { Length: > 0 } value => value,
            _ => context.Connection.RemoteIpAddress?.ToString() ?? "",
        };
    }

    // Weighted: the hash as a number in (0, 1), bent by the weight.
    private static double Score(string key, DestinationState destination)
    {
        var hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes($"{destination.DestinationId}\n{key}".AsSpan()));
        return WeightedPolicy.WeightOf(destination) / -Math.Log(((hash >> 11) + 0.5) / (1UL << 53));
    }
}
