using System.Globalization;
using Edge.Admin.Reports;
using Edge.Dns.Filtering;
using Edge.Names.Filtering;
using Edge.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Edge.Admin;

/// <summary>The filter over HTTP: what it has and does, a refresh of its lists, and a pause, for admins.</summary>
internal sealed class FilterEndpoint(FilterManager filter, TimeProvider time)
{
    private const int MostMinutes = 24 * 60;

    public void Map(IEndpointRouteBuilder endpoints, AdminGuard guard)
    {
        endpoints.MapRead("/v1/filter", guard.Protect(ReportAsync));
        endpoints.MapPost("/v1/filter/update", guard.Protect(UpdateAsync));
        endpoints.MapPost("/v1/filter/pause", guard.Protect(PauseAsync));
        endpoints.MapPost("/v1/filter/resume", guard.Protect(ResumeAsync));
    }

    private Task ReportAsync(HttpContext context) => AdminJson.WriteAsync(context, Report(), ReportJson.Default.FilterReport);

    private async Task UpdateAsync(HttpContext context)
    {
        var query = context.Request.Query;
        string? name = query["list"].ToString() is { Length: > 0 } text ? text : null;
        if (name is not null && filter.Lists.All(list => list.Options.Name != name))
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status404NotFound, $"there is no list \"{name}\"; there are: {string.Join(", ", filter.Lists.Select(list => list.Options.Name))}");
            return;
        }

        await filter.UpdateAsync(name, query["accept"] == "true", context.RequestAborted);
        await ReportAsync(context);
    }

    private async Task PauseAsync(HttpContext context)
    {
        var text = context.Request.Query["minutes"].ToString();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) || minutes is 0 or > MostMinutes)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"minutes: \"{text}\" is not a number from 1 to {MostMinutes}");
            return;
        }

        filter.Pause(time.GetUtcNow().AddMinutes(minutes));
        await ReportAsync(context);
    }

    private Task ResumeAsync(HttpContext context)
    {
        filter.Pause(time.GetUtcNow());
        return ReportAsync(context);
    }

    private FilterReport Report()
    {
        var policy = filter.Policy;
        var (rules, hits) = (policy.Rules, filter.Hits);
        return new FilterReport(
            rules.NameCount,
            rules.Bytes,
            filter.PausedUntil,
            [.. filter.Lists.Select(list => ListReport(list, HitsOf(rules, list.Options.Name, FilterTier.List)))],
            [.. rules.Sources.Select((source, number) => (source, number)).Where(pair => pair.source.Tier != FilterTier.List)
                .Select(pair => new FilterSettingsReport(pair.source.Name, rules.Summaries[pair.number].Rules, hits[pair.number]))],
            [.. policy.Groups.Select(group => new FilterGroupReport(
                group.Name,
                [.. group.Clients.Select(client => client.ToString())],
                [.. group.Sources.Where(source => rules.Sources[source].Tier == FilterTier.List).Select(source => rules.Sources[source].Name)],
                group.BlocksAll))],
            hits[-1]);
    }

    private long HitsOf(FilterRules rules, string name, FilterTier tier)
    {
        for (var number = 0; number < rules.Sources.Length; number++)
        {
            if (rules.Sources[number].Name == name && rules.Sources[number].Tier == tier)
            {
                return filter.Hits[number];
            }
        }

        return 0;
    }

    private static FilterListReport ListReport(KnownList list, long hits) => new(
        list.Options.Name,
        list.Options.From,
        list.Summary.Rules,
        list.Summary.NotForNames,
        list.Summary.Unusable,
        hits,
        list.Copy?.Fetched,
        list.Copy?.Checked,
        list.Copy is null ? null : list.Due,
        list.Error,
        list.Summary.Problems);
}
