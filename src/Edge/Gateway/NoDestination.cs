using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>Why nobody could be asked, in words for the log.</summary>
internal static class NoDestination
{
    public static string Reason(IReverseProxyFeature? feature)
    {
        if (feature is null || feature.AllDestinations.Count == 0)
        {
            return "the route has no destination.";
        }

        var open = feature.AllDestinations.Where(CircuitBreakers.IsOpen).Select(destination => destination.Model.Config.Address).ToList();
        return open.Count == 0 ? "no destination is healthy, or the one that the client belongs to is not."
            : $"after failures in a row nothing is asked of {string.Join(", ", open)} for a while (breaker).";
    }
}
