using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>When a request has to be over, with all its attempts. One that turns out to be answered by a stream has no such time.</summary>
internal sealed class RequestDeadline : IDisposable
{
    // Timers know no longer times.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    private readonly CancellationTokenSource _end;

    private RequestDeadline(TimeSpan within) => _end = new CancellationTokenSource(within < Longest ? within : Longest);

    public CancellationToken End => _end.Token;

    public bool IsOver => _end.IsCancellationRequested;

    /// <summary>Begins the time of a request.</summary>
    public static RequestDeadline Begin(HttpContext context, TimeSpan within)
    {
        var deadline = new RequestDeadline(within);
        context.Features.Set(deadline);
        return deadline;
    }

    /// <summary>Ends it before its end: the request may take as long as it takes.</summary>
    public static void Lift(HttpContext context) => context.Features.Get<RequestDeadline>()?._end.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose() => _end.Dispose();
}
