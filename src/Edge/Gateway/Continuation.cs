using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Gateway;

/// <summary>Carries what comes next through a middleware of the framework, which is built once for all requests of a route.</summary>
internal sealed record Continuation(Func<Task> Next)
{
    public static Task RunAsync(HttpContext context) => context.Features.GetRequiredFeature<Continuation>().Next();
}
