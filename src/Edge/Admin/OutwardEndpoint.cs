using Edge.Admin.Reports;
using Edge.Outward;
using Edge.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Edge.Admin;

/// <summary>Names that others serve, over HTTP: listed, and pushed now, by admins.</summary>
internal sealed class OutwardEndpoint(OutwardRoom outward)
{
    public void Map(IEndpointRouteBuilder endpoints, AdminGuard guard)
    {
        endpoints.MapRead("/v1/outward", guard.Protect(context => AdminJson.WriteAsync(context, [.. outward.Targets.Select(Report)], ReportJson.Default.OutwardReportArray)));
        endpoints.MapPost("/v1/outward/{host}", guard.Protect(PushAsync));
    }

    private static OutwardReport Report(OutwardTarget target)
    {
        var (state, wanted) = (target.State, target.Wanted);
        var (word, why) = target.Unreadable is { } unreadable ? ("waiting", unreadable)
            : wanted.IsEmpty ? ("waiting", "no address of this box is known that the name could have")
            : state is null ? ("waiting", "it is sent in a moment")
            : (state.Outcome.ToString().ToLowerInvariant(), state.Why);
        return new OutwardReport(
            target.Name.Host, target.Name.Kind.ToString().ToLowerInvariant(), wanted.ToString(), state?.Sent?.ToString(), word, why, state?.Looked, state is null or { Outcome: PushOutcome.Refused } ? null : state.Next);
    }

    private async Task PushAsync(HttpContext context)
    {
        var asked = (string)context.Request.RouteValues["host"]!;
        if (HostName.Read(asked, out _, out _) is { } host && await outward.PushAsync(host, context.RequestAborted))
        {
            await AdminJson.WriteAsync(context, [.. outward.Targets.Where(target => target.Name.Host == host).Select(Report)], ReportJson.Default.OutwardReportArray);
            return;
        }

        await AdminProblem.WriteAsync(context, StatusCodes.Status404NotFound, $"outward in edge.yaml has no \"{asked}\"; \"edge outward list\" shows the names that it has");
    }
}
