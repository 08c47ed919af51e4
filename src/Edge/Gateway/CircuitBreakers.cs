using System.Runtime.CompilerServices;
using Edge.Services.Routing;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>
/// Keeps requests from a destination where several in a row failed, for a while; then lets one try. What is known goes
/// with the destination, and so outlives changes of the route.
/// </summary>
internal sealed class CircuitBreakers(TimeProvider time)
{
    private static readonly ConditionalWeakTable<DestinationState, State> States = [];

    /// <summary>Whether it is left alone now, but for the one request that tries.</summary>
    public static bool IsOpen(DestinationState destination)
    {
        if (!States.TryGetValue(destination, out var state))
        {
            return false;
        }

        lock (state)
        {
            return state.OpenUntil is not null;
        }
    }

    /// <summary>Whether a request may go there; whoever is told so reports how it went.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="isTrial">It is the one that tries.</param>
    public bool Enter(DestinationState destination, out bool isTrial)
    {
        isTrial = false;
        if (!States.TryGetValue(destination, out var state))
        {
            return true;
        }

        lock (state)
        {
            if (state.OpenUntil is not { } end)
            {
                return true;
            }

            if (state.IsTrying || time.GetUtcNow() < end)
            {
                return false;
            }

            return state.IsTrying = isTrial = true;
        }
    }

    /// <param name="destination">Where the request went.</param>
    /// <param name="settings">What the route says.</param>
    /// <param name="failed">Whether it failed; null when the client ended it, which says nothing.</param>
    /// <param name="isTrial">It was the one that tried.</param>
    public void Report(DestinationState destination, BreakerSettings settings, bool? failed, bool isTrial)
    {
        // A destination that never failed needs no state.
        if (failed is not true && !States.TryGetValue(destination, out _))
        {
            return;
        }

        var state = States.GetOrCreateValue(destination);
        lock (state)
        {
            // Requests from before say how it was before.
            if (state.OpenUntil is not null && !isTrial)
            {
                return;
            }

            state.IsTrying = false;
            if (failed is false)
            {
                (state.Failures, state.OpenUntil) = (0, null);
            }
            else if (failed is true && (++state.Failures >= settings.Failures || state.OpenUntil is not null))
            {
                state.OpenUntil = time.GetUtcNow() + settings.Open;
            }
        }
    }

    private sealed class State
    {
        public int Failures { get; set; }

        public DateTimeOffset? OpenUntil { get; set; }

        public bool IsTrying { get; set; }
    }
}
