using Microsoft.AspNetCore.Connections.Features;

namespace Edge.Gateway.Front.Http2;

/// <summary>
/// What the web server does every second for a connection, for as long as it has streams of it. Its clocks run on behind its own end,
/// and one of them ends the connection, which then is the front's alone.
/// </summary>
internal sealed class RelayHeartbeat : IConnectionHeartbeatFeature
{
    private volatile (Action<object> Action, object State)[]? _beats = [];

    public void OnHeartbeat(Action<object> action, object state)
    {
        if (_beats is { } before)
        {
            _beats = [.. before, (action, state)];
        }
    }

    /// <summary>A second has passed. From any thread.</summary>
    public void Beat()
    {
        foreach (var (action, state) in _beats ?? [])
        {
            action(state);
        }
    }

    /// <summary>The web server has ended.</summary>
    public void End() => _beats = null;
}
