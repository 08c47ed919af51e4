using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>Each destination in its turn, as often as its weight says.</summary>
internal sealed class WeightedPolicy : ILoadBalancingPolicy
{
    public const string PolicyName = "Weighted";

    /// <summary>In the metadata of a destination: its weight, where that is not 1.</summary>
    public const string Weight = "Edge.Weight";

    private readonly ConditionalWeakTable<ClusterState, StrongBox<int>> _turns = [];

    public string Name => PolicyName;

    public static int WeightOf(DestinationState destination) =>
        destination.Model.Config.Metadata?.GetValueOrDefault(Weight) is { } text && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var weight) ? weight : 1;

    public DestinationState? PickDestination(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> availableDestinations)
    {
        var total = 0;
        foreach (var destination in availableDestinations)
        {
            total += WeightOf(destination);
        }

        var turn = (int)((uint)Interlocked.Increment(ref _turns.GetOrCreateValue(cluster).Value) % (uint)Math.Max(total, 1));
        foreach (var destination in availableDestinations)
        {
            turn -= WeightOf(destination);
            if (turn < 0)
            {
                return destination;
            }
        }

        return null;
    }
}
