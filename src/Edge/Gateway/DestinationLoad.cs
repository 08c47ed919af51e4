using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>
/// Counts the requests in flight at each destination, for the balancing policies that go by it. YARP's own counter
/// can be read and set in public but not counted up, so it shows ours.
/// </summary>
internal sealed class DestinationLoad
{
    private readonly ConditionalWeakTable<DestinationState, StrongBox<int>> _inFlight = [];

    public StrongBox<int> Enter(DestinationState destination)
    {
        var count = _inFlight.GetOrCreateValue(destination);
        destination.ConcurrentRequestCount = Interlocked.Increment(ref count.Value);
        return count;
    }

    public static void Leave(DestinationState destination, StrongBox<int> count) =>
        destination.ConcurrentRequestCount = Interlocked.Decrement(ref count.Value);
}
