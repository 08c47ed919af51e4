using Microsoft.AspNetCore.Connections.Features;

namespace Edge.Gateway.Front.Http2;

/// <summary>
/// The end of a connection that the web server has only some streams of: who asks for it tells the front, which alone knows
/// when nothing is under way.
/// </summary>
internal sealed class RelayEnd(Action end) : IConnectionLifetimeNotificationFeature
{
    public CancellationToken ConnectionClosedRequested { get; set; }

    public void RequestClose() => end();
}
