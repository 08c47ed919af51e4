using System.Collections.Immutable;
using System.Text.Json;
using Edge.Access;
using Edge.Admin.Reports;
using Edge.Services;
using Edge.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Edge.Admin;

/// <summary>Bans over HTTP: listed, made and ended by admins.</summary>
internal sealed class BansEndpoint(BanManager bans)
{
    private const int LongestReason = 200;
    private const long MostSeconds = 10L * 365 * 24 * 3600;

    public void Map(IEndpointRouteBuilder endpoints, AdminGuard guard)
    {
        endpoints.MapRead("/v1/bans", guard.Protect(ListAsync));
        endpoints.MapPost("/v1/bans", guard.Protect(AddAsync));
        endpoints.MapDelete("/v1/bans", guard.Protect(RemoveAsync));
    }

    private static BanReport Report(Ban ban) => new(Ban.Text(ban.Network), ban.Until, ban.Reason, ban.Source, ban.Times);

    private async Task ListAsync(HttpContext context)
    {
        if (context.Request.Query["network"].ToString() is not { Length: > 0 } text)
        {
            await WriteAsync(context, bans.All);
        }
        else if (Ban.Parse(text) is { } network)
        {
            await WriteAsync(context, bans.Around(network));
        }
        else
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"network: {Wrong(text)}");
        }
    }

    private static Task WriteAsync(HttpContext context, ImmutableArray<Ban> some) => AdminJson.WriteAsync(context, [.. some.Select(Report)], ReportJson.Default.BanReportArray);

    private async Task AddAsync(HttpContext context)
    {
        NewBan? wanted;
        try
        {
            wanted = await JsonSerializer.DeserializeAsync(context.Request.Body, ReportJson.Default.NewBan, context.RequestAborted);
        }
        catch (JsonException wrong)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"the body is not a ban: {JsonDocumentReader.Reason(wrong)}");
            return;
        }

        if (wanted?.Network is not { } text || Ban.Parse(text) is not { } network)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status422UnprocessableEntity, Wrong(wanted?.Network));
        }
        else if (bans.IsExempt(network))
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status422UnprocessableEntity, $"{text} holds clients of the LAN, or of access.bans.never, and these are not banned");
        }
        else if (wanted.Seconds is <= 0 or > MostSeconds || wanted.Reason?.Length > LongestReason || wanted.Reason?.Any(char.IsControl) == true)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status422UnprocessableEntity, $"seconds is a number from 1 to {MostSeconds}, and reason one line of up to {LongestReason} characters");
        }
        else
        {
            var ban = await bans.AddAsync(network, wanted.Reason is { Length: > 0 } reason ? reason : "by hand", Ban.ByAdmin, wanted.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null, context.RequestAborted);
            await WriteAsync(context, [ban]);
        }
    }

    private async Task RemoveAsync(HttpContext context)
    {
        var text = context.Request.Query["network"].ToString();
        if (Ban.Parse(text) is not { } network)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"network: {Wrong(text)}");
        }
        else if (await bans.RemoveAsync(network, context.RequestAborted) is { IsEmpty: false } gone)
        {
            await WriteAsync(context, gone);
        }
        else
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status404NotFound, $"{text} is not banned");
        }
    }

    private static string Wrong(string? text)
    {
        string? instead = null;
        return text is not null && Ban.Parse(text, out instead) is null && instead is not null
            ? $"\"{text}\" has bits set behind its prefix; did you mean {instead}?"
            : $"\"{text}\" is neither an address nor a network: 203.0.113.9 or 203.0.113.0/24";
    }
}
