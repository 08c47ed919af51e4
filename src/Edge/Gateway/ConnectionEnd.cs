using Microsoft.AspNetCore.Connections.Features;

namespace Edge.Gateway;

/// <summary>
/// Says when a connection is to end, in place of Kestrel's own: that one also ends, when the server stops, connections
/// that have just been accepted, whose first request is on its way.
/// </summary>
internal sealed class ConnectionEnd : IConnectionLifetimeNotificationFeature
{
    private readonly CancellationTokenSource _requested = new();

    public ConnectionEnd() => ConnectionClosedRequested = _requested.Token;

    public CancellationToken ConnectionClosedRequested { get; set; }

    /// <summary>The request under way is the last one; without one it ends at once.</summary>
    public void RequestClose() => _requested.Cancel();
}
