using System.Net;
using System.Security.Cryptography;
using System.Text;
using Edge.Observability;
using Edge.Observability.Metrics;
using Microsoft.AspNetCore.Http;

namespace Edge.Admin.Metrics;

/// <summary>GET /metrics, for Prometheus: read by this machine, by whoever has the token of the settings, and by admins.</summary>
internal sealed class MetricsEndpoint(MetricsCollector metrics, MetricsOptions options)
{
    /// <summary>On the listener of the API.</summary>
    public RequestDelegate Guarded(AdminGuard guard)
    {
        var forAdmins = guard.Protect(AnswerAsync);
        return context => HasToken(context) || IsLocal(context) ? AnswerAsync(context) : forAdmins(context);
    }

    /// <summary>On a listener of its own, which is open to all who reach it unless there is a token.</summary>
    public Task AnswerListenerAsync(HttpContext context)
    {
        if (options.Token is null || HasToken(context))
        {
            return AnswerAsync(context);
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return AdminProblem.WriteAsync(context, StatusCodes.Status401Unauthorized, "the token of metrics.token in edge.yaml is needed: Authorization: Bearer TOKEN");
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var text = new MetricText();
        metrics.Collect(text);
        context.Response.ContentType = MetricText.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        await text.SendAsync(context.Response.Body, context.RequestAborted);
    }

    private bool HasToken(HttpContext context) =>
        options.Token is { } token
        && context.Request.Headers.Authorization.ToString() is var header && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header[7..].Trim()), Encoding.UTF8.GetBytes(token));

    // Another proxy on this machine that passes requests on would make everybody local: such a request says so.
    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } client && IPAddress.IsLoopback(client)
        && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded") && !context.Request.Headers.ContainsKey("Via");
}
