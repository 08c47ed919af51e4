using System.Collections.Concurrent;
using System.Diagnostics;
using Edge.Gateway.Straight;
using Edge.Observability.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway.Front;

/// <summary>
/// What became of requests that the front has asked a destination and got no answer to: the pipeline, which reads the same
/// request then, takes it for its own first attempt. So it is tried elsewhere, told and answered as all others.
/// </summary>
internal sealed class AskedInVain
{
    private readonly ConcurrentDictionary<(ListenerFeature Connection, int Stream), Attempt> _attempts = [];
    private int _count;

    /// <summary>There is none.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>The next request of a connection is such a one.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="stream">The stream as the web server numbers it; 0 with HTTP/1.1, where there is one at most.</param>
    /// <param name="failure">What happened.</param>
    /// <param name="record">What was taken down of the attempt.</param>
    public void Leave(ListenerFeature connection, int stream, ForwardFailure failure, RequestRecord record)
    {
        if (_attempts.TryAdd((connection, stream), new Attempt(failure, record.Destination, record.Time, record.Began)))
        {
            Interlocked.Increment(ref _count);
        }
    }

    /// <summary>The request is over, or its connection.</summary>
    public void Forget(ListenerFeature connection, int stream)
    {
        if (!IsEmpty && _attempts.TryRemove((connection, stream), out _))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    /// <summary>Takes what there is for a request, once.</summary>
    /// <param name="context">The request.</param>
    /// <param name="destination">The URL of the destination that is to be asked: what another one did says nothing of it.</param>
    /// <param name="begin">When the attempt began, as a timestamp of <see cref="Stopwatch"/>.</param>
    /// <returns>Its failure; null when nothing was asked before.</returns>
    public ForwarderError? Take(HttpContext context, string destination, ref long begin)
    {
        if (IsEmpty || ListenerFeature.Of(context) is not { } connection || !_attempts.TryRemove((connection, StreamOf(context)), out var attempt))
        {
            return null;
        }

        Interlocked.Decrement(ref _count);
        if (attempt.Destination != destination)
        {
            return null;
        }

        RequestRecord.Of(context)?.BeganAt(attempt.Time, attempt.Begin);
        begin = attempt.Begin;
        return attempt.Failure.Note(context);
    }

    /// <summary>The stream of a request; 0 with HTTP/1.1.</summary>
    public static int StreamOf(HttpContext context) => context.Features.Find<IHttp2StreamIdFeature>()?.StreamId ?? 0;

    private sealed record Attempt(ForwardFailure Failure, string? Destination, DateTimeOffset Time, long Begin);
}
