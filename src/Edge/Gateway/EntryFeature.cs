using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Gateway;

/// <summary>Carries the route through YARP's middlewares.</summary>
internal sealed record EntryFeature(RouteEntry Entry)
{
    public static RouteEntry Of(HttpContext context) => context.Features.GetRequiredFeature<EntryFeature>().Entry;
}
