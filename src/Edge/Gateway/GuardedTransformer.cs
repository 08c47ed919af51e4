using Edge.Access;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>The headers of a service that says who may use it: it is told who the client was found to be.</summary>
internal class GuardedTransformer(LoopGuard loops, bool believes = false) : ServiceTransformer(loops, believes)
{
    public override async ValueTask TransformRequestAsync(HttpContext context, HttpRequestMessage request, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(context, request, destinationPrefix, cancellationToken);
        Identity.Of(context)?.Write(request);
    }
}
