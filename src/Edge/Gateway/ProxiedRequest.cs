using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>
/// Marks a request that a believed proxy passed on for somebody, whether or not what it said of him made sense: the
/// connection, and what was shown while it was made, are the proxy's.
/// </summary>
internal sealed class ProxiedRequest
{
    private static readonly ProxiedRequest Mark = new();

    private ProxiedRequest()
    {
    }

    public static bool Is(HttpContext context) => context.Features.Get<ProxiedRequest>() is not null;

    public static void Note(HttpContext context) => context.Features.Set(Mark);
}
