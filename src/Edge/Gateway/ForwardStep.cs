using System.Collections.Frozen;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Edge.Connections;
using Edge.Gateway.Front;
using Edge.Gateway.Straight;
using Edge.Observability.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>The last step of the pipeline: sends the request to a destination, and to another one when no connection came about.</summary>
internal sealed class ForwardStep(
    IHttpForwarder forwarder,
    StraightWay straight,
    DestinationChoice choice,
    IEnumerable<IPassiveHealthCheckPolicy> health,
    DestinationUpdates updates,
    AskedInVain asked)
{
    private readonly FrozenDictionary<string, IPassiveHealthCheckPolicy> _health = health.ToFrozenDictionary(policy => policy.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Forwards for a service, for which nothing else has picked a destination.</summary>
    public async Task ForwardServiceAsync(HttpContext context, RouteEntry entry, IReverseProxyFeature feature)
    {
        await SendAsync(context, entry, feature, reports: true);
        entry.LearnSole();
    }

    /// <summary>Forwards to the only destination of a route, where that is known and the request is a simple one.</summary>
    /// <returns>What the forwarder would say; null when it has to be forwarded otherwise, and nothing has happened.</returns>
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    public async ValueTask<ForwarderError?> ForwardSoleAsync(HttpContext context, RouteEntry entry)
    {
        if (!asked.IsEmpty || !entry.IsSound(updates.Era) || entry.Sole is not { AnswersStrangely: false } sole || !straight.Takes(context))
        {
            return null;
        }

        var config = IsStreaming(context) ? entry.Streaming : ForwarderRequestConfig.Empty;
        var (begin, load, error) = (Stopwatch.GetTimestamp(), entry.SoleLoad!, (ForwarderError?)ForwarderError.None);
        load.Enter();
        try
        {
            error = await straight.SendAsync(context, sole, config);
            if (error is null && sole.AnswersStrangely)
            {
                entry.UnlearnSole(sole);
            }

            return error;
        }
        finally
        {
            load.Leave();
            if (error is { } said)
            {
                Note(context, begin, said, config);
                RequestRecord.Of(context)?.Destination = entry.SoleAddress;
            }
        }
    }

    /// <summary>What passive health is told of it when it failed.</summary>
    public void ReportSole(HttpContext context, IReverseProxyFeature feature)
    {
        var destination = feature.ProxiedDestination = feature.AllDestinations[0];
        Report(context, feature, destination);
    }

    /// <summary>Forwards after YARP's middlewares for affinity and balancing; the one for passive health stands around it.</summary>
    public Task ForwardAsync(HttpContext context, RouteEntry entry) =>
        SendAsync(context, entry, context.Features.GetRequiredFeature<IReverseProxyFeature>(), reports: false);

    private async Task SendAsync(HttpContext context, RouteEntry entry, IReverseProxyFeature feature, bool reports)
    {
        var candidates = feature.AvailableDestinations;
        FailedAttempts? attempts = null;
        (IForwarderErrorFeature Error, int Status)? failed = null;
        using var deadline = DeadlineOf(context, entry);
        while (choice.Pick(context, entry, candidates, isSettled: attempts is null && !reports, out var turn) is { } destination)
        {
            (feature.ProxiedDestination, failed) = (destination, null);
            bool? hasFailed = null;
            ForwarderError error;
            try
            {
                error = await SendToAsync(context, entry, feature.Cluster, destination, deadline);
                hasFailed = HasFailed(context, error);
            }
            finally
            {
                // Also one that threw is over: a trial without an end would let nobody else try.
                turn?.End(hasFailed);
            }

            if (error != ForwarderError.Request || !MayTryAnother(context, out var wasSent))
            {
                break;
            }

            (attempts ??= new FailedAttempts()).Add(destination, wasSent);
            var mayRepeat = MayRepeat(context, entry.Policy, attempts);
            candidates = wasSent && !mayRepeat ? [] : attempts.Next(feature.AllDestinations, mayRepeat);
            if (candidates.Count == 0)
            {
                break;
            }

            Report(context, feature, destination);
            // The forwarder only takes an untouched response. Should nobody be left to be asked, this is the answer.
            failed = context.Features.Get<IForwarderErrorFeature>() is { } wrong ? (wrong, context.Response.StatusCode) : null;
            context.Features.Set<IForwarderErrorFeature>(null);
            context.Response.StatusCode = StatusCodes.Status200OK;
        }

        if (failed is { } before)
        {
            context.Features.Set(before.Error);
            context.Response.StatusCode = before.Status;
        }

        if (feature.ProxiedDestination is not { } last)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
        else if (reports)
        {
            Report(context, feature, last);
        }
    }

    // What the client did, or left, says nothing of the destination.
    private static bool? HasFailed(HttpContext context, ForwarderError error) => error switch
    {
        ForwarderError.None => BreakerTurn.IsFailure(context.Response.StatusCode),
        ForwarderError.Request or ForwarderError.RequestTimedOut or ForwarderError.RequestBodyDestination or ForwarderError.ResponseBodyDestination => true,
        _ => context.RequestAborted.IsCancellationRequested ? null : context.Response.StatusCode == StatusCodes.Status504GatewayTimeout ? true : null,
    };

    // All attempts share the time of the request. Who asks for a WebSocket has to be answered with one before it is taken for one.
    private static RequestDeadline? DeadlineOf(HttpContext context, RouteEntry entry)
    {
        var (within, idle) = (entry.Policy?.RequestTimeout, ReferenceEquals(entry.Streaming, entry.Ordinary) ? null : entry.Ordinary.ActivityTimeout);
        return (within is null && idle is null) || IsGrpc(context.Request) ? null
            : IsUpgrade(context) ? RequestDeadline.Begin(context, within, idle)
            : within is not null ? RequestDeadline.Begin(context, within)
            : null;
    }

    // Where a route says how long silence may be, only an answer that is an event stream lifts that, see LastingBody. YARP's forwarder
    // cannot be told so of a WebSocket, which has a time for its head instead.
    private static ForwarderRequestConfig ConfigOf(HttpContext context, RouteEntry entry) =>
        IsUpgrade(context) || IsGrpc(context.Request) || (AsksForEvents(context.Request) && entry.Ordinary.ActivityTimeout is null) ? entry.Streaming : entry.Ordinary;

    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<ForwarderError> SendToAsync(HttpContext context, RouteEntry entry, ClusterModel cluster, DestinationState destination, RequestDeadline? deadline)
    {
        var load = DestinationLoad.Of(destination);
        destination.ConcurrentRequestCount = load.Enter();
        var config = ConfigOf(context, entry);
        var (begin, error) = (Stopwatch.GetTimestamp(), ForwarderError.None);
        try
        {
            if (asked.Take(context, destination.Model.Config.Address, ref begin) is { } before)
            {
                return error = before;
            }

            if (straight.For(context, entry, destination) is { } near
                && await straight.SendAsync(context, near, config) is { } said)
            {
                return error = said;
            }

            return error = deadline is not null
                ? await SendWithinAsync(context, entry, cluster, destination, config, deadline)
                : await forwarder.SendAsync(context, destination.Model.Config.Address, cluster.HttpClient, config, entry.Model.Transformer);
        }
        finally
        {
            destination.ConcurrentRequestCount = load.Leave();
            Note(context, begin, error, config);
        }
    }

    private static void Note(HttpContext context, long begin, ForwarderError error, ForwarderRequestConfig config) =>
        RequestRecord.Of(context)?.Tried(begin, error == ForwarderError.None ? null : error.ToString(), FailedAttempt.IsOfDestination(context, error, begin, config.ActivityTimeout));

    private async ValueTask<ForwarderError> SendWithinAsync(HttpContext context, RouteEntry entry, ClusterModel cluster, DestinationState destination, ForwarderRequestConfig config, RequestDeadline deadline)
    {
        var error = await forwarder.SendAsync(context, destination.Model.Config.Address, cluster.HttpClient, config, entry.Model.Transformer, deadline.End);
        if (error != ForwarderError.None && deadline.IsOver && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status504GatewayTimeout;
        }

        return error;
    }

    // Where no connection came about nothing was sent, and any request may go to another one.
    private static bool MayTryAnother(HttpContext context, out bool wasSent)
    {
        wasSent = true;
        if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested || context.Features.Get<IForwarderErrorFeature>() is not { } error)
        {
            return false;
        }

        wasSent = !ConnectFailureHealthPolicy.ConnectionFailed(error);
        return true;
    }

    // The route says how often, and only what may be sent twice is (RFC 9110 section 9.2.2) and has no body that was begun.
    private static bool MayRepeat(HttpContext context, RoutePolicy? policy, FailedAttempts attempts) =>
        policy is not null && attempts.Retries < policy.Retries && IdempotentMethods.Has(context.Request.Method)
        && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false };

    private void Report(HttpContext context, IReverseProxyFeature feature, DestinationState destination)
    {
        if (feature.Cluster.Config.HealthCheck?.Passive is { Enabled: true } passive
            && _health.TryGetValue(passive.Policy ?? HealthCheckConstants.PassivePolicy.TransportFailureRate, out var policy))
        {
            policy.RequestProxied(context, feature.Route.Cluster!, destination);
        }
    }

    // What asks for a stream. Others show by their answer, see LastingBody and StraightExchange.
    private static bool IsStreaming(HttpContext context) => IsUpgrade(context) || IsGrpc(context.Request) || AsksForEvents(context.Request);

    // WebSockets over HTTP/1.1 and HTTP/2 (RFC 8441 section 4): what the forwarder passes on of upgrades.
    private static bool IsUpgrade(HttpContext context) =>
        HttpMethods.IsConnect(context.Request.Method)
        || (context.Request.Headers.Upgrade is [{ } protocol] && (protocol.Equals("websocket", StringComparison.OrdinalIgnoreCase) || protocol.StartsWith("SPDY/", StringComparison.OrdinalIgnoreCase))
            && context.Features.Find<IHttpUpgradeFeature>() is { IsUpgradableRequest: true });

    // As browsers do.
    private static bool AsksForEvents(HttpRequest request) => request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);

    private static bool IsGrpc(HttpRequest request) => request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) is true;
}
