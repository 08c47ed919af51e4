using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Edge.Access;

/// <summary>The cookies that a client gets from the gateway itself, or from whom it asks. They are the client's also when a page takes the place of the answer.</summary>
internal sealed class OwnCookies
{
    private StringValues _all;

    /// <summary>Gives the client one.</summary>
    /// <param name="context">The request.</param>
    /// <param name="cookie">What Set-Cookie says.</param>
    public static void Add(HttpContext context, string cookie)
    {
        if (context.Features.Get<OwnCookies>() is not { } own)
        {
            context.Features.Set(own = new OwnCookies());
        }

        own._all = StringValues.Concat(own._all, cookie);
        context.Response.Headers.Append(HeaderNames.SetCookie, cookie);
    }

    /// <summary>All that were given for a request.</summary>
    public static StringValues Of(HttpContext context) => context.Features.Get<OwnCookies>()?._all ?? StringValues.Empty;

    /// <summary>Gives them to the client once more: the answer was cleared.</summary>
    public static void Restore(HttpContext context)
    {
        if (context.Features.Get<OwnCookies>() is { } own)
        {
            context.Response.Headers.SetCookie = own._all;
        }
    }
}
