using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>Which destination of a route gets a request: by the route's balancing, as far as its breaker lets requests through.</summary>
internal sealed class DestinationChoice(IEnumerable<ILoadBalancingPolicy> balancing, CircuitBreakers breakers)
{
    private readonly FrozenDictionary<string, ILoadBalancingPolicy> _balancing = balancing.ToFrozenDictionary(policy => policy.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Picks one. One that its breaker keeps requests from is left out, and the others are asked.</summary>
    /// <param name="context">The request.</param>
    /// <param name="entry">Its route.</param>
    /// <param name="candidates">Who may be asked.</param>
    /// <param name="isSettled">YARP's middlewares have picked the candidates out of more.</param>
    /// <param name="turn">Is told how it went; null where the route has no breaker.</param>
    public DestinationState? Pick(HttpContext context, RouteEntry entry, IReadOnlyList<DestinationState> candidates, bool isSettled, out BreakerTurn? turn)
    {
        turn = null;
        if (entry.Policy?.Breaker is not { } settings)
        {
            return Pick(context, entry, candidates);
        }

        var (picked, isTrial) = PickOpen(context, entry, candidates);
        if (picked is null && isSettled)
        {
            // The rest is still there.
            (picked, isTrial) = PickOpen(context, entry, [.. entry.Model.Cluster!.DestinationsState.AvailableDestinations.Where(other => !candidates.Contains(other))]);
        }

        if (picked is not null)
        {
            turn = new BreakerTurn(breakers, picked, settings, isTrial);
            turn.Follow(context.Response);
        }

        return picked;
    }

    private (DestinationState? Picked, bool IsTrial) PickOpen(HttpContext context, RouteEntry entry, IReadOnlyList<DestinationState> candidates)
    {
        var (picked, isTrial) = (Pick(context, entry, candidates), false);
        while (picked is not null && !breakers.Enter(picked, out isTrial))
        {
            candidates = [.. candidates.Where(other => other != picked)];
            picked = Pick(context, entry, candidates);
        }

        return (picked, isTrial);
    }

    private DestinationState? Pick(HttpContext context, RouteEntry entry, IReadOnlyList<DestinationState> candidates)
    {
        if (candidates.Count < 2)
        {
            return candidates.Count == 0 ? null : candidates[0];
        }

        // Where a route had one destination nobody needed to know how much it has to do.
        foreach (var candidate in candidates)
        {
            candidate.ConcurrentRequestCount = DestinationLoad.InFlight(candidate);
        }

        var cluster = entry.Model.Cluster!;
        var name = cluster.Model.Config.LoadBalancingPolicy ?? LoadBalancingPolicies.PowerOfTwoChoices;
        return (_balancing.GetValueOrDefault(name) ?? _balancing[LoadBalancingPolicies.PowerOfTwoChoices]).PickDestination(context, cluster, candidates);
    }
}
