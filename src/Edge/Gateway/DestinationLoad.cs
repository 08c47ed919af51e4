using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>
/// Counts the requests in flight at a destination. It goes with the destination, and so outlives changes of the route. YARP's
/// own counter can be read and set in public but not counted up: where the balancing policies go by it, it shows ours.
/// </summary>
internal sealed class DestinationLoad
{
    private static readonly ConditionalWeakTable<DestinationState, DestinationLoad> All = [];

    private int _count;

    /// <summary>The one of a destination.</summary>
    public static DestinationLoad Of(DestinationState destination) => All.GetOrCreateValue(destination);

    /// <summary>How many requests a destination works on.</summary>
    public static int InFlight(DestinationState destination) => All.TryGetValue(destination, out var load) ? Volatile.Read(ref load._count) : 0;

    /// <summary>A request goes there.</summary>
    /// <returns>How many there are now.</returns>
    public int Enter() => Interlocked.Increment(ref _count);

    /// <summary>A request has come back.</summary>
    /// <returns>How many there are now.</returns>
    public int Leave() => Interlocked.Decrement(ref _count);
}
