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
/// <param name="log">What is remembered.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">Ends what goes on for as long as somebody reads it, so that Edge does not wait for its readers.</param>
internal sealed class QueriesEndpoint(QueryLog log, TimeProvider time, CancellationToken stopping)
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
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await SendAsync(context, follower, asEvents, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // Whoever followed has gone, or does not read: an end that waited for it would not come.
            context.Abort();
        }
    }

    private async Task SendAsync(HttpContext context, QueryFollower follower, bool asEvents, CancellationToken ended)
    {
        var told = 0L;
        while (await WaitAsync(follower, ended) is { } more)
        {
            if (!more)
            {
                await context.Response.Body.WriteAsync(asEvents ? ":\n\n"u8.ToArray() : LineEnd, ended);
            }

            while (follower.Queries.TryRead(out var query))
            {
                if (follower.Missed is var missed && missed > told)
                {
                    await WriteAsync(context, new QueryEvent(null, missed - told), asEvents, ended);
                    told = missed;
                }

                await WriteAsync(context, new QueryEvent(query), asEvents, ended);
            }

            await context.Response.Body.FlushAsync(ended);
        }
    }

    // True when there is something, false when there was nothing for a while, null when nothing comes any more.
    private async Task<bool?> WaitAsync(QueryFollower follower, CancellationToken ended)
    {
        using var silence = new CancellationTokenSource(Silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, ended);
        try
        {
            return await follower.Queries.WaitToReadAsync(either.Token) ? true : null;
        }
        catch (OperationCanceledException)
        {
            return ended.IsCancellationRequested ? null : false;
        }
    }

    private static async Task WriteAsync(HttpContext context, QueryEvent line, bool asEvents, CancellationToken ended)
    {
        var body = context.Response.Body;
        if (asEvents)
        {
            await body.WriteAsync(EventStart, ended);
        }

        await JsonSerializer.SerializeAsync(body, line, QueryJson.Default.QueryEvent, ended);
        await body.WriteAsync(LineEnd, ended);
        if (asEvents)
        {
            await body.WriteAsync(LineEnd, ended);
        }
    }

    private async Task<QueryFilter?> FilterAsync(HttpContext context)
    {
        var filter = QueryFilterReader.Read(context.Request.Query, time.GetUtcNow(), out var problem);
        if (filter is null)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, problem!);
        }

        // Nothing would be found, as if nobody had asked.
        if (filter is { Network: not null } && log.IsRecording && log.Clients == ClientDisplay.Hashed)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status409Conflict, "client: addresses are not kept, edge.yaml says \"clients: hashed\" under queries; write the number as it is shown, such as #1a2b3c");
            return null;
        }

        return filter;
    }
}
