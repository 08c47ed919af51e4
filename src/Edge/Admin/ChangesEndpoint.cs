using System.Diagnostics.CodeAnalysis;
using Edge.Admin.Reports;
using Edge.Dns.Update;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Edge.Admin;

/// <summary>What updates have changed in a zone, over HTTP: listed, and given back to the zone's file, by admins.</summary>
internal sealed class ChangesEndpoint(UpdateManager updates, ZoneManager zones)
{
    public void Map(IEndpointRouteBuilder endpoints, AdminGuard guard)
    {
        endpoints.MapRead("/v1/zones/{zone}/changes", guard.Protect(ListAsync));
        endpoints.MapDelete("/v1/zones/{zone}/changes", guard.Protect(ForgetAsync));
    }

    private async Task ListAsync(HttpContext context)
    {
        if (await ZoneAsync(context) is { } zone)
        {
            await AdminJson.WriteAsync(
                context,
                [
                    .. updates.Changes.Where(change => change.Zone == zone).OrderBy(change => change.Owner).ThenBy(change => change.Type).ThenBy(change => change.View, StringComparer.Ordinal)
                        .Select(change => new ChangeReport(
                            change.View,
                            change.Owner.ToHostString(),
                            RecordText.FormatType(change.Type),
                            change.Data.IsEmpty ? null : change.Ttl,
                            [.. change.Data.Select(data => RecordText.FormatData(change.Type, data))],
                            change.Source.ToString())),
                ],
                ReportJson.Default.ChangeReportArray);
        }
    }

    // Without a name it would be all of them: that has to be said.
    private async Task ForgetAsync(HttpContext context)
    {
        if (await ZoneAsync(context) is not { } zone)
        {
            return;
        }

        var query = context.Request.Query;
        var (name, type, view) = (query["name"].ToString(), query["type"].ToString(), query["view"].ToString());
        Name? owner = null;
        var number = RecordType.ANY;
        if (name.Length == 0 && query["all"] != "true")
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, "say which name: name=www.example.com, or all=true for every change of the zone");
        }
        else if (name.Length > 0 && !TryReadName(name, zone, out owner, out var error))
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"name: \"{name}\" is not a name: {error}");
        }
        else if (type.Length > 0 && !RecordText.TryParseType(type, out number))
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"type: \"{type}\" is not a record type, such as A or TXT");
        }
        else
        {
            await ForgetAsync(context, zone, owner, number == RecordType.ANY ? null : number, view.Length == 0 ? null : view);
        }
    }

    private async Task ForgetAsync(HttpContext context, Name zone, Name? owner, RecordType? type, string? view)
    {
        try
        {
            var forgotten = await updates.ForgetAsync(zone, owner, type, view, context.RequestAborted);
            await AdminJson.WriteAsync(context, new ForgottenReport(forgotten), ReportJson.Default.ForgottenReport);
        }
        catch (IOException e)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, $"nothing was changed: {e.Message}");
        }
    }

    // A zone that is gone may have left changes behind, which are worth seeing and forgetting.
    private async Task<Name?> ZoneAsync(HttpContext context)
    {
        var text = (string)context.Request.RouteValues["zone"]!;
        var current = zones.Current;
        if (Name.TryParse(text, Name.Root, out var zone, out _)
            && (updates.Changes.Any(change => change.Zone == zone) || Enumerable.Range(0, current.Views.Length).Any(view => current.Find(view, zone.Wire)?.Origin == zone)))
        {
            return zone;
        }

        await AdminProblem.WriteAsync(context, StatusCodes.Status404NotFound, $"there is no zone \"{text}\" here (\"edge zones\" lists them)");
        return null;
    }

    // As people write it: with the zone or without it.
    private static bool TryReadName(string text, Name zone, [NotNullWhen(true)] out Name? name, [NotNullWhen(false)] out string? error) =>
        (Name.TryParse(text, Name.Root, out name, out error) && name.IsAtOrBelow(zone) && text != "@") || Name.TryParse(text, zone, out name, out error);
}
