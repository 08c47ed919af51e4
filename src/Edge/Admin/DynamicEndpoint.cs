using Edge.Admin.Reports;
using Edge.DynamicDns;
using Edge.Gateway;
using Edge.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Edge.Admin;

/// <summary>Dynamic addresses over HTTP: sent by clients of dyndns2, listed and removed by admins.</summary>
internal sealed class DynamicEndpoint(DynamicDnsRoom dynamic, TrustedProxies proxies)
{
    public void Map(IEndpointRouteBuilder endpoints, AdminGuard guard)
    {
        endpoints.MapGet(DynamicDnsRoom.Path, UpdateAsync);
        endpoints.MapRead("/v1/dynamic", guard.Protect(ListAsync));
        endpoints.MapDelete("/v1/dynamic/{host}", guard.Protect(RemoveAsync));
    }

    // The gateway has done this for what comes by it.
    private Task UpdateAsync(HttpContext context) =>
        proxies.Take(context) ? dynamic.AnswerAsync(context) : GatewayPages.NoClient.WriteAsync(context);

    private Task ListAsync(HttpContext context) => AdminJson.WriteAsync(
        context,
        [.. dynamic.Addresses.All.Select(one => new DynamicReport(one.Host, one.IPv4, one.IPv6, one.Token, one.IsForLanOnly ? "lan" : "everywhere", one.Changed, dynamic.Addresses.Hindrance(one), one.Ends, one.Challenges?.Split(' ').Length ?? 0))],
        ReportJson.Default.DynamicReportArray);

    private async Task RemoveAsync(HttpContext context)
    {
        var asked = (string)context.Request.RouteValues["host"]!;
        if (HostName.Read(asked, out _, out _) is { } host && await dynamic.Addresses.RemoveAsync(host, context.RequestAborted))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await AdminProblem.WriteAsync(context, StatusCodes.Status404NotFound, $"no client sends addresses for \"{asked}\"; \"edge dynamic list\" shows the names that have some");
    }
}
