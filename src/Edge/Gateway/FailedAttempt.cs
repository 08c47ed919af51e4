using System.Diagnostics;
using Edge.Gateway.Straight;
using Edge.Observability.Requests;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway;

/// <summary>Whose doing it is that an attempt at a destination failed: the destination's, or that of a client that left.</summary>
internal static class FailedAttempt
{
    // A timer may be a little early.
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(50);

    /// <param name="context">The request.</param>
    /// <param name="error">What the forwarder said.</param>
    /// <param name="begin">When it began, as a timestamp of <see cref="Stopwatch"/>.</param>
    /// <param name="idle">How long nothing may move; null for the forwarder's own time.</param>
    public static bool IsOfDestination(HttpContext context, ForwarderError error, long begin, TimeSpan? idle) => error switch
    {
        ForwarderError.None => false,
        ForwarderError.RequestBodyDestination or ForwarderError.ResponseBodyDestination => true,
        ForwarderError.UpgradeRequestDestination or ForwarderError.UpgradeResponseDestination or ForwarderError.UpgradeActivityTimeout => true,
        ForwarderError.Request or ForwarderError.RequestTimedOut or ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled => !context.RequestAborted.IsCancellationRequested,

        // The forwarder aborts the request itself then, which looks as if the client had left: it says the same of both.
        ForwarderError.ResponseBodyCanceled => WasSilent(context, begin, idle ?? StraightWay.Usual),
        _ => false,
    };

    private static bool WasSilent(HttpContext context, long begin, TimeSpan idle) =>
        context.Features.Get<IForwarderErrorFeature>() is ForwardFailure straight ? straight.WasSilent
        : Stopwatch.GetElapsedTime(Math.Max(begin, RequestRecord.Of(context)?.Moved ?? 0)) >= idle - Slack;
}
