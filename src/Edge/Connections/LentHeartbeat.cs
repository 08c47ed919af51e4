using Microsoft.AspNetCore.Connections.Features;

namespace Edge.Connections;

/// <summary>
/// What the web server does every second for a connection, for as long as it is lent it. Its clocks run on behind its own end, and
/// one of them ends the connection, which then is no more its own.
/// </summary>
internal sealed class LentHeartbeat : IConnectionHeartbeatFeature
{
    private volatile (Action<object> Action, object State)[]? _beats = [];

    public void OnHeartbeat(Action<object> action, object state)
    {
        if (_beats is { } before)
        {
            _beats = [.. before, (action, state)];
        }
    }

    /// <summary>Beats with the connection's own.</summary>
    public void Follow(IConnectionHeartbeatFeature? real) => real?.OnHeartbeat(static lent => ((LentHeartbeat)lent).Beat(), this);

    /// <summary>The web server has ended.</summary>
    public void End() => _beats = null;

    private void Beat()
    {
        foreach (var (action, state) in _beats ?? [])
        {
            action(state);
        }
    }
}
