using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Health;

namespace Edge;

/// <summary>What the web host and YARP look for when they start, so that a start need not make it.</summary>
internal static class HostParts
{
    /// <summary>Registers them; after everything else, since the last registration is the one that is found.</summary>
    public static void AddHostParts(this IServiceCollection services)
    {
        SteadyOptions<HostOptions>.Add(services);
        SteadyOptions<ConsoleLifetimeOptions>.Add(services);
        SteadyOptions<KestrelServerOptions>.Add(services);
        SteadyOptions<SocketTransportOptions>.Add(services);
        SteadyOptions<RouteOptions>.Add(services);
        SteadyOptions<RouteHandlerOptions>.Add(services);
        SteadyOptions<FormOptions>.Add(services);

        // YARP asks whether a route's policies are there.
        SteadyOptions<AuthorizationOptions>.Add(services);
        SteadyOptions<CorsOptions>.Add(services);
        SteadyOptions<OutputCacheOptions>.Add(services);
        SteadyOptions<RateLimiterOptions>.Add(services);
        SteadyOptions<RequestTimeoutOptions>.Add(services);
        SteadyOptions<ActiveHealthCheckMonitorOptions>.Add(services);
        SteadyOptions<ConsecutiveFailuresHealthPolicyOptions>.Add(services);
        SteadyOptions<TransportFailureRateHealthPolicyOptions>.Add(services);

        // It would only set going the host's own metrics, to which nobody listens: no options of ours are checked by it.
        services.RemoveAll<IStartupValidator>();
    }
}
