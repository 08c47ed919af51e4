using Edge.Access;
using Edge.Observability.Requests;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>What a client is told of a request that came to no answer of its destination, and what the log is.</summary>
internal sealed partial class FailureAnswers(BanManager bans, BrokenAnswers broken, ILogger<GatewayPipeline> logger)
{
    /// <summary>Answers where the forwarder failed, or nobody could be asked.</summary>
    /// <param name="context">The request.</param>
    /// <param name="entry">The route it took.</param>
    /// <param name="error">What the forwarder says; null where there was no destination.</param>
    /// <param name="page">The page of the route; null for Edge's own.</param>
    public async Task AnswerAsync(HttpContext context, RouteEntry entry, IForwarderErrorFeature? error, ErrorPage? page)
    {
        if (MalformedBody.ReasonOf(error) is { } reason)
        {
            await RefuseBodyAsync(context, reason, page);
            return;
        }

        var status = context.Response.StatusCode;
        var host = HostText.Of(context.Request);

        // The path goes into the log as it is written in a URL, so that it stays one line; the query may hold secrets.
        var path = context.Request.Path.ToUriComponent();
        if (error is not null && context.Response.HasStarted)
        {
            // The forwarder then aborts the request itself: its error alone tells whose end it was.
            if (RequestRecord.Of(context) is { } record)
            {
                record.Aborted = true;
            }

            broken.Tell(context.Request.Method, host, path, entry, error, context.TraceIdentifier);
            return;
        }

        if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        if (entry.Failures.MayTell(out var hidden))
        {
            Log.Failed(logger, status, context.Request.Method, host, path, entry.Id, error?.Error ?? ForwarderError.NoAvailableDestinations, error is null ? NoDestination.Reason(context.Features.Get<IReverseProxyFeature>()) : BrokenAnswers.Reason(error.Exception), context.TraceIdentifier);
        }

        if (hidden > 0)
        {
            Log.Hidden(logger, hidden, entry.Id);
        }

        await GatewayPages.Failed(status, host, error?.Error ?? ForwarderError.NoAvailableDestinations).WriteAsync(context, page);
    }

    // Its client's framing is wrong, which came to light on the way to the destination.
    private async Task RefuseBodyAsync(HttpContext context, string reason, ErrorPage? page)
    {
        var host = HostText.Of(context.Request);
        bans.Note(AccessControl.ClientOf(context), OffenceKind.Malformed, HostText.Normal(host));
        Log.MalformedBody(logger, context.Request.Method, host, context.Request.Path.ToUriComponent(), reason, context.TraceIdentifier);
        if (RequestRecord.Of(context) is { } record)
        {
            record.Reject(reason);
            record.Aborted = context.Response.HasStarted;
        }

        if (!context.Response.HasStarted)
        {
            await GatewayPages.MalformedBody(reason).WriteAsync(context, page);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5000, LogLevel.Information, "{Status} for {Method} {Host}{Path}: route {Route} failed with {Error}: {Reason} (request {Id})")]
        public static partial void Failed(ILogger logger, int status, string method, string? host, string path, string route, ForwarderError error, string? reason, string id);

        [LoggerMessage(5005, LogLevel.Information, "{Count} more requests of route {Route} had failed in the seconds before; the access log has each")]
        public static partial void Hidden(ILogger logger, int count, string route);

        [LoggerMessage(5031, LogLevel.Debug, "400 for {Method} {Host}{Path}: the body is malformed: {Reason} (request {Id})")]
        public static partial void MalformedBody(ILogger logger, string method, string? host, string path, string reason, string id);
    }
}
