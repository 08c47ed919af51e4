using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>What has been tried in vain for one request, and who is left to be asked.</summary>
internal sealed class FailedAttempts
{
    private readonly List<DestinationState> _tried = [];
    private readonly List<DestinationState> _reached = [];
    private int _repeats;

    /// <summary>How often it was tried again. Who cannot be reached is passed by and counts only when asked a second time.</summary>
    public int Retries => Math.Max(_reached.Count - 1, 0) + _repeats;

    /// <param name="destination">Who was asked.</param>
    /// <param name="wasSent">A connection came about, so that it may have seen the request.</param>
    public void Add(DestinationState destination, bool wasSent)
    {
        _repeats += !wasSent && _tried.Contains(destination) ? 1 : 0;
        _tried.Add(destination);
        if (wasSent)
        {
            _reached.Add(destination);
        }
    }

    /// <summary>Who can be asked next.</summary>
    /// <param name="all">Also the ones that balancing and affinity had left out already.</param>
    /// <param name="mayRepeat">When all were asked, those that can be reached may be asked again.</param>
    public IReadOnlyList<DestinationState> Next(IReadOnlyList<DestinationState> all, bool mayRepeat)
    {
        List<DestinationState> others = [.. all.Where(other => !_tried.Contains(other) && other.Health is { Passive: not DestinationHealth.Unhealthy, Active: not DestinationHealth.Unhealthy })];
        return others.Count > 0 || !mayRepeat ? others : _reached.Count > 0 ? [.. _reached.Distinct()] : [_tried[^1]];
    }
}
