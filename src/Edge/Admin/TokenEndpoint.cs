using System.Text.Json;
using Edge.Admin.Reports;
using Edge.Dns.Wire;
using Edge.Names;
using Edge.Services;
using Edge.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Edge.Admin;

/// <summary>Tokens over HTTP: made, listed and revoked by admins.</summary>
internal sealed class TokenEndpoint(TokenStore tokens, NamesRoom names, string nodeHost, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder endpoints, AdminGuard guard)
    {
        endpoints.MapPost("/v1/tokens", guard.Protect(CreateAsync));
        endpoints.MapRead("/v1/tokens", guard.Protect(ListAsync));
        endpoints.MapDelete("/v1/tokens/{name}", guard.Protect(RevokeAsync));
    }

    private async Task CreateAsync(HttpContext context)
    {
        NewToken? wanted = null;
        try
        {
            wanted = await JsonSerializer.DeserializeAsync(context.Request.Body, ReportJson.Default.NewToken, context.RequestAborted);
        }
        catch (JsonException wrong)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"line {(wrong.LineNumber ?? 0) + 1}{(wrong.Path is { Length: > 2 } path ? $", {path[2..]}" : "")}: the body is not a token's description: {JsonDocumentReader.Reason(wrong)}");
            return;
        }

        if (wanted is null)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, "the body is empty; it needs at least a name");
            return;
        }

        if (wanted.Expose is not (null or "lan" or "everywhere"))
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status422UnprocessableEntity, $"expose: \"{wanted.Expose}\" is not one of lan, everywhere");
            return;
        }

        // Without a wish, a token may name what lies below this box: the box's own name stays the box's.
        var scope = new TokenScope(wanted.Hosts.IsDefaultOrEmpty ? [wanted.Admin ? "*" : $"*.{nodeHost}"] : wanted.Hosts, wanted.Services.IsDefaultOrEmpty ? ["*"] : wanted.Services) { IsForLanOnly = wanted.Expose == "lan", Ports = wanted.Ports.IsDefault ? [] : wanted.Ports };
        if (scope.Problem() is null && scope.Hosts.FirstOrDefault(host => host != "*" && !LiesInAZone(host)) is { } outside)
        {
            await AdminProblem.WriteAsync(
                context,
                StatusCodes.Status422UnprocessableEntity,
                $"host pattern \"{outside}\" lies in no zone of this Edge: write a name in one of them, such as *.{nodeHost} (\"edge zones\" lists them), or * for every host");
            return;
        }

        if (wanted.Tsig && names.HasKey(wanted.Name ?? ""))
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status422UnprocessableEntity, $"dns.keys in edge.yaml has a key \"{wanted.Name}\" already: choose another name for the token");
            return;
        }

        DateTimeOffset? expires = wanted.ExpiresInSeconds is { } seconds ? time.GetUtcNow().AddSeconds(seconds) : null;
        var created = await tokens.CreateAsync(
            new TokenWish(wanted.Name ?? "", scope) { Expires = expires, Admin = wanted.Admin, HasKey = wanted.Tsig, Lease = wanted.LeaseSeconds is { } lease ? TimeSpan.FromSeconds(Math.Clamp(lease, 0, int.MaxValue)) : null },
            context.RequestAborted);
        if (created.Secret is null)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status422UnprocessableEntity, created.Problem!);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status201Created;
        await AdminJson.WriteAsync(context, new CreatedToken(wanted.Name!, created.Secret, created.Key), ReportJson.Default.CreatedToken);
    }

    private bool LiesInAZone(string pattern)
    {
        var current = names.Zones.Current;
        return Name.TryParse(pattern, Name.Root, out var name, out _) && Enumerable.Range(0, current.Views.Length).Any(view => current.Find(view, name.Wire) is not null);
    }

    private async Task ListAsync(HttpContext context)
    {
        var all = await tokens.ListAsync(context.RequestAborted);
        await AdminJson.WriteAsync(context, [.. all.Select(token => new TokenReport(token.Name, token.Scope.Hosts, token.Scope.Services, token.Admin, token.Created, token.Expires, token.Revoked) { Expose = token.Scope.IsForLanOnly ? "lan" : "everywhere", Ports = token.Scope.Ports, Tsig = !token.Key.IsEmpty, LeaseSeconds = (long?)token.Lease?.TotalSeconds })], ReportJson.Default.TokenReportArray);
    }

    private async Task RevokeAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["name"]!;
        if (await tokens.RevokeAsync(name, context.RequestAborted))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await AdminProblem.WriteAsync(context, StatusCodes.Status404NotFound, $"there is no token \"{name}\"");
    }
}
