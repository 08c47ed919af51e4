using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>When a request has to be over, with all its attempts. One that turns out to be answered by a stream has no such time.</summary>
internal sealed class RequestDeadline : IDisposable
{
    // Timers know no longer times.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    private readonly CancellationTokenSource _end;
    private readonly TimeSpan? _within;
    private readonly bool _isForHead;
    private readonly long _begin = Stopwatch.GetTimestamp();

    private RequestDeadline(TimeSpan? within, TimeSpan? head)
    {
        (_within, _isForHead) = (within, head is not null);
        _end = new CancellationTokenSource(Shortest(within, head));
    }

    public CancellationToken End => _end.Token;

    public bool IsOver => _end.IsCancellationRequested;

    /// <summary>Begins the time of a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="within">When it has to be over; null for no such time.</param>
    /// <param name="head">When the head of its answer has to be there, where that comes before; null for no such time.</param>
    public static RequestDeadline Begin(HttpContext context, TimeSpan? within, TimeSpan? head = null)
    {
        var deadline = new RequestDeadline(within, head);
        context.Features.Set(deadline);
        return deadline;
    }

    /// <summary>The head of the answer is there: a WebSocket has no end in time (RFC 6455 section 4.2.2, RFC 8441 section 5.1), and what is none has its own.</summary>
    public static void Answered(HttpContext context)
    {
        if (context.Features.Find<RequestDeadline>() is not { } deadline)
        {
            return;
        }

        if (context.Response.StatusCode == StatusCodes.Status101SwitchingProtocols || (HttpMethods.IsConnect(context.Request.Method) && context.Response.StatusCode is >= 200 and < 300))
        {
            Lift(context);
        }
        else if (deadline._isForHead)
        {
            deadline._end.CancelAfter(deadline._within is { } within ? Shortest(Later(within - Stopwatch.GetElapsedTime(deadline._begin)), null) : Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Ends it before its end: the request may take as long as it takes.</summary>
    public static void Lift(HttpContext context) => context.Features.Get<RequestDeadline>()?._end.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose() => _end.Dispose();

    private static TimeSpan Later(TimeSpan left) => left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private static TimeSpan Shortest(TimeSpan? one, TimeSpan? other) => new[] { one ?? Longest, other ?? Longest, Longest }.Min();
}
