using System.Text.Json;
using Edge.Admin.Reports;
using Edge.Dns.Signing;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Wire;
using Edge.Names;
using Edge.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Edge.Admin;

/// <summary>Keys of zones over HTTP: made, shown and exchanged by admins.</summary>
internal sealed class ZoneKeyEndpoint(NamesRoom names, TimeProvider time)
{
    private readonly RolloverDesk _rollovers = new(
        names.Signing, () => names.Zones.Current, (origin, cancel) => ParentDs.AskAsync(names.Forwarder, origin, cancel), time);

    public void Map(IEndpointRouteBuilder endpoints, AdminGuard guard)
    {
        endpoints.MapRead("/v1/zones/{zone}/keys", guard.Protect(context => AnswerAsync(context, origin => Report(origin, names.Signing.KeysOf(origin)))));
        endpoints.MapPost("/v1/zones/{zone}/sign", guard.Protect(context => AnswerAsync(context, Sign)));
        endpoints.MapPost("/v1/zones/{zone}/roll", guard.Protect(RollAsync));
    }

    // Without the setting the key is made all the same: the DS can be prepared, and nothing is signed before it is wanted.
    private ZoneKeysReport Sign(Name origin) =>
        Report(origin, IsServed(origin) ? names.Signing.EnsureKeys(origin, names.Signing.OptionsOf(origin) ?? new ZoneSigningOptions()) : null);

    private ZoneKeysReport Report(Name origin, ZoneKeySet? keys) =>
        KeyWords.Report(keys, origin, names.Signing.OptionsOf(origin), IsServed(origin), names.Signing.Folder.FolderOf(origin));

    private bool IsServed(Name origin)
    {
        var zones = names.Zones.Current;
        return Enumerable.Range(0, zones.Views.Length).Any(view => zones.Zones(view).Any(zone => zone.Origin == origin));
    }

    private static async Task AnswerAsync(HttpContext context, Func<Name, ZoneKeysReport> report)
    {
        if (await OriginAsync(context) is not { } origin)
        {
            return;
        }

        try
        {
            await AdminJson.WriteAsync(context, report(origin), ReportJson.Default.ZoneKeysReport);
        }
        catch (KeyFileException broken)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, broken.Message);
        }
    }

    private async Task RollAsync(HttpContext context)
    {
        if (await OriginAsync(context) is not { } origin)
        {
            return;
        }

        try
        {
            var request = await JsonSerializer.DeserializeAsync(context.Request.Body, ReportJson.Default.RolloverRequest, context.RequestAborted);
            var report = await _rollovers.StepAsync(origin, request ?? new RolloverRequest(null, false, false), context.RequestAborted);
            await AdminJson.WriteAsync(context, report, ReportJson.Default.RolloverReport);
        }
        catch (JsonException wrong)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"the body is no request for a rollover: {wrong.Message}");
        }
        catch (RolloverRefusedException refused)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status409Conflict, refused.Message);
        }
        catch (KeyFileException broken)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, broken.Message);
        }
    }

    private static async Task<Name?> OriginAsync(HttpContext context)
    {
        var text = (string)context.Request.RouteValues["zone"]!;
        if (Name.TryParse(text, Name.Root, out var origin, out var error))
        {
            return origin;
        }

        await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"\"{text}\" is not the name of a zone: {error}");
        return null;
    }
}
