using Edge.Services.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Edge.Gateway;

/// <summary>Shows the way from plain HTTP to HTTPS.</summary>
internal static class HttpsRedirect
{
    /// <summary>Writes it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="port">Where HTTPS is, as clients see it.</param>
    /// <param name="to">The host that has a certificate.</param>
    public static Task WriteAsync(HttpContext context, int port, string to)
    {
        var name = HostText.Normal(to);
        var host = port == 443 ? new HostString(name) : new HostString(name, port);

        // It keeps the method and the body, unlike 301 (RFC 9110 section 15.4.9).
        context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
        context.Response.Headers[HeaderNames.Location] = $"https://{host.ToUriComponent()}{RawTarget.GoesOn(context)}";
        context.Response.Headers[ServiceTransformer.RequestIdHeader] = context.TraceIdentifier;
        return Task.CompletedTask;
    }
}
