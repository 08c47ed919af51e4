using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway;

/// <summary>Makes the HTTP clients that talk to destinations, by YARP's rules with our defaults.</summary>
internal sealed class DestinationClientFactory(ILogger<ForwarderHttpClientFactory> logger) : ForwarderHttpClientFactory(logger)
{
    /// <summary>A destination in the same house answers at once or not at all; YARP waits 15 seconds.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectTimeout = ConnectTimeout;
        // A destination's name is looked up again when its address may have changed.
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
        handler.ActivityHeadersPropagator = null;
    }
}
