using System.Globalization;
using System.Text.Json;
using Edge.Admin.Reports;
using Edge.Dns.Queries;
using Edge.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Edge.Admin;

/// <summary>What is asked of the name server, over HTTP: the last hour, and live; for admins only.</summary>
internal sealed class QueriesEndpoint(QueryLog log, TimeProvider time)
{
    private const int MostOfATop = 500;

    // Whoever follows a house where nobody asks anything is still seen to be there, by proxies as well.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);
    private static readonly byte[] LineEnd = "\n"u8.ToArray();
    private static readonly byte[] EventStart = "data: "u8.ToArray();

    public void Map(IEndpointRouteBuilder endpoints, AdminGuard guard)
    {
        endpoints.MapRead("/v1/queries", guard.Protect(ListAsync));
        endpoints.MapRead("/v1/queries/follow", guard.Protect(FollowAsync));
        endpoints.MapRead("/v1/statistics", guard.Protect(StatisticsAsync));
    }

    private async Task ListAsync(HttpContext context)
    {
        if (await FilterAsync(context) is { } filter)
        {
            await AdminJson.WriteAsync(context, new QueriesReport(log.IsRecording, [.. log.Find(filter)]), ReportJson.Default.QueriesReport);
        }
    }

    private Task StatisticsAsync(HttpContext context)
    {
        var text = context.Request.Query["top"].ToString();
        var top = 10;
        return text.Length > 0 && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out top) || top > MostOfATop)
            ? AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"top: \"{text}\" is not a number from 0 to {MostOfATop}")
            : AdminJson.WriteAsync(context, log.Statistics(top), ReportJson.Default.QueryStatistics);
    }

    private async Task FollowAsync(HttpContext context)
    {
        if (await FilterAsync(context) is not { } filter)
        {
            return;
        }

        if (!log.IsRecording)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status409Conflict, "queries are not recorded: edge.yaml says \"queries: off\"");
            return;
        }

        var asEvents = context.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);
        context.Response.ContentType = asEvents ? "text/event-stream" : "application/x-ndjson";
        context.Response.Headers.CacheControl = "no-store";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        using var follower = log.Follow(filter);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        try
        {
            await SendAsync(context, follower, asEvents);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Whoever followed has gone.
        }
    }

    private async Task SendAsync(HttpContext context, QueryFollower follower, bool asEvents)
    {
        var told = 0L;
        while (await WaitAsync(follower, context.RequestAborted) is { } more)
        {
            if (!more)
            {
                await context.Response.Body.WriteAsync(asEvents ? ":\n\n"u8.ToArray() : LineEnd, context.RequestAborted);
            }

            while (follower.Queries.TryRead(out var query))
            {
                if (follower.Missed is var missed && missed > told)
                {
                    await WriteAsync(context, new QueryEvent(null, missed - told), asEvents);
                    told = missed;
                }

                await WriteAsync(context, new QueryEvent(query), asEvents);
            }

            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    // True when there is something, false when there was nothing for a while, null when nothing comes any more.
    private async Task<bool?> WaitAsync(QueryFollower follower, CancellationToken cancel)
    {
        using var silence = new CancellationTokenSource(Silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancel);
        try
        {
            return await follower.Queries.WaitToReadAsync(either.Token) ? true : null;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task WriteAsync(HttpContext context, QueryEvent line, bool asEvents)
    {
        var body = context.Response.Body;
        if (asEvents)
        {
            await body.WriteAsync(EventStart, context.RequestAborted);
        }

        await JsonSerializer.SerializeAsync(body, line, QueryJson.Default.QueryEvent, context.RequestAborted);
        await body.WriteAsync(LineEnd, context.RequestAborted);
        if (asEvents)
        {
            await body.WriteAsync(LineEnd, context.RequestAborted);
        }
    }

    private async Task<QueryFilter?> FilterAsync(HttpContext context)
    {
        var filter = QueryFilterReader.Read(context.Request.Query, time.GetUtcNow(), out var problem);
        if (filter is null)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, problem!);
        }

        return filter;
    }
}
