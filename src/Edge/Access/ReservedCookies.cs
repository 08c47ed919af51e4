using Edge.Access.Oidc;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Edge.Access;

/// <summary>
/// Marks a request to a service that may not say anything about the cookies of logins: one that could set them for the whole domain
/// would log its visitors in as somebody else, or out.
/// </summary>
internal sealed class ReservedCookies
{
    private static readonly ReservedCookies Mark = new();

    /// <summary>From here on the service answers.</summary>
    public static void Reserve(HttpContext context) => context.Features.Set(Mark);

    /// <summary>Whether a cookie that a service sets does not go on.</summary>
    /// <param name="context">The request.</param>
    /// <param name="cookie">What Set-Cookie says.</param>
    public static bool Holds(HttpContext context, ReadOnlySpan<byte> cookie) => LoginCookies.IsOurs(cookie) && context.Features.Get<ReservedCookies>() is not null;

    /// <summary>Takes what a service has said of them out of an answer. What the gateway itself says there stays.</summary>
    public static void Drop(HttpContext context)
    {
        var said = context.Response.Headers.SetCookie;
        if (said.Count > 0 && said.Any(static cookie => LoginCookies.IsOurs(cookie)) && context.Features.Get<ReservedCookies>() is not null)
        {
            var rest = said.Where(static cookie => !LoginCookies.IsOurs(cookie)).Concat(OwnCookies.Of(context).Where(static cookie => LoginCookies.IsOurs(cookie)));
            context.Response.Headers[HeaderNames.SetCookie] = new StringValues([.. rest]);
        }
    }
}
