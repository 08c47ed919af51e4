using System.Net;
using Edge.Admin.Reports;
using Edge.Dns.Wire;
using Edge.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Edge.Admin;

/// <summary>The admin API: what registers services, and what the commands ask. It answers on its own listener only.</summary>
internal static class AdminApi
{
    /// <summary>Puts the API beside the gateway: each connection knows the listener it came in by.</summary>
    public static void Map(WebApplication web, AdminParts parts)
    {
        web.MapWhen(static context => ListenerFeature.Of(context) == ListenerKind.Admin, admin =>
        {
            admin.UseRouting();
            admin.UseEndpoints(endpoints => MapEndpoints(endpoints, parts));
            admin.Run(static context => AdminProblem.WriteAsync(context, StatusCodes.Status404NotFound, $"there is no {context.Request.Path} here; the API begins at /v1/services"));
        });
        web.Run(web.BuildGateway());
    }

    private static void MapEndpoints(IEndpointRouteBuilder endpoints, AdminParts parts)
    {
        var reports = new Reporter(parts);
        var guard = new AdminGuard(parts.Services.Tokens);
        endpoints.MapGet("/healthz", (RequestDelegate)(static context => context.Response.WriteAsync("ok\n")));
        endpoints.MapGet("/v1/status", guard.Protect(context => AdminJson.WriteAsync(context, reports.Status(), ReportJson.Default.StatusReport)));
        endpoints.MapGet("/v1/catalog", guard.Protect(async context => await AdminJson.WriteAsync(context, await reports.ServicesAsync(context.RequestAborted), ReportJson.Default.ServicesReport)));
        endpoints.MapGet("/v1/zones", guard.Protect(context => AdminJson.WriteAsync(context, reports.Zones(), ReportJson.Default.ZonesReport)));
        endpoints.MapGet("/v1/certificates", guard.Protect(context => AdminJson.WriteAsync(context, reports.Certificates(), ReportJson.Default.CertificateReportArray)));
        endpoints.MapGet("/v1/explain", guard.Protect(context => ExplainAsync(context, parts)));
        new TokenEndpoint(parts.Services.Tokens, parts.Options.NodeHost, parts.Time).Map(endpoints, guard);
        parts.Services.MapRegistration(endpoints, parts.Served);
    }

    private static async Task ExplainAsync(HttpContext context, AdminParts parts)
    {
        var asked = context.Request.Query["name"].ToString();
        var from = context.Request.Query["from"].ToString();
        var host = Uri.TryCreate(asked, UriKind.Absolute, out var url) && url.Host.Length > 0 ? url.Host : asked;
        if (!Name.TryParse(host, Name.Root, out var name, out var error))
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"name: \"{host}\" is not a host name: {error}");
        }
        else if (!IPAddress.TryParse(from, out var client))
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"from: \"{from}\" is not an IP address");
        }
        else
        {
            var explanation = await parts.Explainer.ExplainAsync(name, client, context.RequestAborted);
            await AdminJson.WriteAsync(context, explanation, ReportJson.Default.Explanation);
        }
    }
}
