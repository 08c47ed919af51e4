using Edge.Services.Routing;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.SessionAffinity;

namespace Edge.Gateway;

/// <summary>The headers of a service's route that changes path, host or headers, or keeps clients at their destination.</summary>
internal sealed class RoutedTransformer(LoopGuard loops, ServiceRoute route, bool believes, ISessionAffinityPolicy sticky) : GuardedTransformer(loops, believes)
{
    private readonly PathEdit? _path = route.Path is null ? null : new PathEdit(route.Path);
    private readonly HeaderEdits? _request = route.RequestHeaders is { Count: > 0 } request ? new HeaderEdits(request) : null;
    private readonly HeaderEdits? _response = route.ResponseHeaders is { Count: > 0 } response ? new HeaderEdits(response) : null;

    public override bool IsPlain => false;

    /// <summary>Whether a route needs it.</summary>
    public static bool IsNeeded(ServiceRoute route) =>
        route.Path is not null || route.Traffic.StickyCookie is not null || route.ToHost is not null || route.RequestHeaders is { Count: > 0 } || route.ResponseHeaders is { Count: > 0 };

    public override async ValueTask TransformRequestAsync(HttpContext context, HttpRequestMessage request, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(context, request, destinationPrefix, cancellationToken);
        if (_path is not null)
        {
            request.RequestUri = RawTarget.Changed(context, destinationPrefix, _path.Of(context.Request.Path), context.Request.QueryString);
            if (_path.Prefix is { } prefix)
            {
                request.Headers.TryAddWithoutValidation("X-Forwarded-Prefix", prefix);
            }
        }

        if (route.ToHost is { } host)
        {
            request.Headers.Host = host == "destination" ? null : host;
        }

        _request?.Apply(request);
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext context, HttpResponseMessage? response, CancellationToken cancellationToken)
    {
        var copyBody = await base.TransformResponseAsync(context, response, cancellationToken);
        if (response is not null)
        {
            Stay(context);
            _response?.Apply(context.Response.Headers);
        }

        return copyBody;
    }

    // YARP's own transforms do this for routes in its form.
    private void Stay(HttpContext context)
    {
        if (route.Traffic.StickyCookie is not null && context.Features.Get<IReverseProxyFeature>() is { ProxiedDestination: { } destination, Route.Cluster: { } cluster })
        {
            sticky.AffinitizeResponse(context, cluster, cluster.Model.Config.SessionAffinity!, destination);
        }
    }
}
