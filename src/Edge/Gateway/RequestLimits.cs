using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Edge.Gateway;

/// <summary>The web server's own limits for a request and its answer.</summary>
internal static class RequestLimits
{
    /// <summary>
    /// Lifts them: uploads may be large and slow, and answers may wait for a reader who pauses a film. What ends a request that does
    /// nothing is the forwarder's timeout. The admin listener keeps Kestrel's limits.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="largestBody">What the route allows, in bytes; null or negative for no limit.</param>
    public static void Lift(HttpContext context, long? largestBody)
    {
        if (context.Features.Find<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
        {
            body.MaxRequestBodySize = largestBody is >= 0 ? largestBody : null;
        }

        if (context.Features.Find<IHttpMinRequestBodyDataRateFeature>() is { } request)
        {
            request.MinDataRate = null;
        }

        if (context.Features.Find<IHttpMinResponseDataRateFeature>() is { } response)
        {
            response.MinDataRate = null;
        }
    }
}
