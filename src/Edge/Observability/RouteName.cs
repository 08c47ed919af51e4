namespace Edge.Observability;

/// <summary>What the name of a route tells.</summary>
internal static class RouteName
{
    private const string ServicePrefix = "service:";

    /// <summary>The service whose route it is, also for one of several ("service:shop.routes[1]"); empty for a route in YARP's own form.</summary>
    public static ReadOnlySpan<char> Service(ReadOnlySpan<char> route)
    {
        if (!route.StartsWith(ServicePrefix, StringComparison.Ordinal))
        {
            return default;
        }

        // A service's name is a label, and so has no dot.
        var dot = route.IndexOf('.');
        return dot < 0 ? route[ServicePrefix.Length..] : route[ServicePrefix.Length..dot];
    }
}
