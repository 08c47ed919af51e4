using System.Net;
using Edge.Admin.Metrics;
using Edge.Admin.Reports;
using Edge.Dns.Wire;
using Edge.Gateway;
using Edge.Services;
using Edge.Stores;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Edge.Admin;

/// <summary>The admin API: what registers services, and what the commands ask. It answers on its own listener only.</summary>
internal static class AdminApi
{
    /// <summary>Puts the API beside the gateway: each connection knows the listener it came in by.</summary>
    public static void Map(WebApplication web, AdminParts parts, MetricsEndpoint metrics, Readiness readiness)
    {
        var loops = web.Services.GetRequiredService<LoopGuard>();
        var admin = Branch(web, admin =>
        {
            // A destination whose name only resolves to this box would open the API to whoever reaches the gateway.
            admin.Use((context, next) => loops.HasSeen(context.Request)
                ? AdminProblem.WriteAsync(context, StatusCodes.Status508LoopDetected, "this request came through the gateway, which has no way to the API; name the address and port of the program behind the service")
                : next(context));
            admin.Use(SayThatTheStoreIsAwayAsync);
            admin.Use(SayWhichMethodsThereAreAsync);
            admin.UseRouting();
            admin.UseEndpoints(endpoints => MapEndpoints(endpoints, parts, metrics, readiness, web.Lifetime.ApplicationStopping));
            admin.Run(static context => AdminProblem.WriteAsync(context, StatusCodes.Status404NotFound, $"there is no {context.Request.Path} here; the API begins at /v1/services"));
        });
        var alone = Branch(web, alone =>
        {
            alone.UseRouting();
            alone.UseEndpoints(endpoints =>
            {
                MapHealth(endpoints, readiness);
                endpoints.MapRead("/metrics", metrics.AnswerListenerAsync);
            });
            alone.Run(static context => AdminProblem.WriteAsync(context, StatusCodes.Status404NotFound, "there are /metrics, /healthz and /readyz here"));
        });
        var gateway = web.BuildGateway();
        ((IApplicationBuilder)web).Run(context => ListenerFeature.Of(context)?.Kind switch
        {
            ListenerKind.Admin => admin(context),
            ListenerKind.Metrics => alone(context),
            _ => gateway(context),
        });
    }

    private static RequestDelegate Branch(IApplicationBuilder web, Action<IApplicationBuilder> configure)
    {
        var branch = web.New();
        configure(branch);
        return branch.Build();
    }

    private static void MapHealth(IEndpointRouteBuilder endpoints, Readiness readiness)
    {
        endpoints.MapRead("/healthz", static context => context.Response.WriteAsync("ok\n"));
        endpoints.MapRead("/readyz", readiness.AnswerAsync);
    }

    // What cannot be stored now is refused with the reason; nothing was changed.
    private static async Task SayThatTheStoreIsAwayAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (StoreUnavailableException away) when (!context.Response.HasStarted)
        {
            await RegistrationProblems.Unavailable(away).WriteAsync(context);
        }
    }

    // Routing answers 405 with the header Allow (RFC 9110, section 15.5.6), and nothing to read.
    private static async Task SayWhichMethodsThereAreAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false })
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, $"{context.Request.Path} does not take {context.Request.Method}; it takes {context.Response.Headers.Allow}");
        }
    }

    private static void MapEndpoints(IEndpointRouteBuilder endpoints, AdminParts parts, MetricsEndpoint metrics, Readiness readiness, CancellationToken stopping)
    {
        var reports = new Reporter(parts);
        var guard = new AdminGuard(parts.Services.Tokens);
        MapHealth(endpoints, readiness);
        endpoints.MapRead("/metrics", metrics.Guarded(guard));
        endpoints.MapRead("/v1/status", guard.Protect(context => AdminJson.WriteAsync(context, reports.Status(), ReportJson.Default.StatusReport)));
        endpoints.MapRead("/v1/resolver", guard.Protect(context => AdminJson.WriteAsync(context, ResolverReport.Of(parts.Names.Forwarder.Stats).With(parts.Names.Leases), ReportJson.Default.ResolverReport)));
        endpoints.MapRead("/v1/zones", guard.Protect(context => AdminJson.WriteAsync(context, reports.Zones(), ReportJson.Default.ZonesReport)));
        endpoints.MapRead("/v1/certificates", guard.Protect(context => AdminJson.WriteAsync(context, reports.Certificates(), ReportJson.Default.CertificateReportArray)));
        endpoints.MapRead("/v1/explain", guard.Protect(context => ExplainAsync(context, parts)));
        new CertificateEndpoint(parts.Certificates.Desk, parts.Certificates.Clients).Map(endpoints, guard);
        new ZoneTextEndpoint(parts.Names, parts.Time).Map(endpoints, guard);
        new TokenEndpoint(parts.Services.Tokens, parts.Names, parts.Options.NodeHost, parts.Time).Map(endpoints, guard);
        new ZoneKeyEndpoint(parts.Names, parts.Time).Map(endpoints, guard);
        new FilterEndpoint(parts.Names.Filter, parts.Time).Map(endpoints, guard);
        new ChangesEndpoint(parts.Names.Updates, parts.Names.Zones).Map(endpoints, guard);
        new QueriesEndpoint(parts.Names.Queries, parts.Time, stopping).Map(endpoints, guard);
        new BansEndpoint(parts.Bans).Map(endpoints, guard);
        new DynamicEndpoint(parts.Dynamic, new TrustedProxies(parts.Options.Gateway.TrustedProxies)).Map(endpoints, guard);
        endpoints.MapRead("/v1/way-in", guard.Protect(context => AdminJson.WriteAsync(context, WayInReport.Of(parts.WayIn.State), ReportJson.Default.WayInReport)));
        new OutwardEndpoint(parts.Outward).Map(endpoints, guard);
        new FoundEndpoint(parts).Map(endpoints, guard);
        parts.Services.MapRegistration(endpoints, parts.Served, async context =>
            await AdminJson.WriteAsync(context, await new ServicesReporter(parts).ReportAsync(context.RequestAborted), ReportJson.Default.ServicesReport), stopping);
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
            var explanation = await parts.Explainer.ExplainAsync(name, url is { IsAbsoluteUri: true, PathAndQuery.Length: > 0 } && host == url.Host ? url : null, client, context.RequestAborted);
            await AdminJson.WriteAsync(context, explanation, ReportJson.Default.Explanation);
        }
    }
}
