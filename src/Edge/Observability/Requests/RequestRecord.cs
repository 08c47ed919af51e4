using System.Diagnostics;
using System.Net;
using Edge.Observability.Metrics;
using Microsoft.AspNetCore.Http;

namespace Edge.Observability.Requests;

/// <summary>
/// What is remembered of one request, from its begin to the line in the log. The objects are used again and again;
/// what they hold are the strings that the request has made anyway.
/// </summary>
internal sealed class RequestRecord
{
    private long _begin;

    /// <summary>When the request came.</summary>
    public DateTimeOffset Time { get; private set; }

    /// <summary>The same as a timestamp of <see cref="Stopwatch"/>.</summary>
    public long Began => _begin;

    /// <summary>From its header to the end of the answer.</summary>
    public TimeSpan Duration { get; private set; }

    public RequestNumber Number { get; set; } = new("", 0);

    /// <summary>The same as a string, which is made each time where it counts.</summary>
    public string Id { get => Number.ToString(); set => Number = new RequestNumber(value, 0); }

    public IPAddress? Client { get; set; }

    public string Method { get; set; } = "";

    public string Scheme { get; set; } = "";

    /// <summary>As the client wrote it, with a port if it wrote one.</summary>
    public string Host { get; set; } = "";

    /// <summary>Path and query as they were sent.</summary>
    public string Target { get; set; } = "";

    public string Protocol { get; set; } = "";

    public string? UserAgent { get; set; }

    public string? Referer { get; set; }

    /// <summary>Who the client is, where an access step found out.</summary>
    public string? User { get; set; }

    /// <summary>The status of the answer; 499 where the client left before there was one.</summary>
    public int Status { get; set; }

    /// <summary>Bytes of the answer's body; null where nobody counted them, as in a WebSocket.</summary>
    public long? Bytes { get; set; }

    /// <summary>The answer did not come to its end.</summary>
    public bool Aborted { get; set; }

    /// <summary>The name of the route that was taken; null when none was.</summary>
    public string? Route { get; set; }

    /// <summary>The route itself, to count by.</summary>
    public CountedRoute? Taken { get; private set; }

    /// <summary>What is counted of it: when the answer comes, of many routes this one is far away again.</summary>
    public RouteCounts? Counts { get; private set; }

    /// <summary>Where the request was sent last; null when it was sent nowhere.</summary>
    public string? Destination { get; set; }

    /// <summary>What the destinations took, all attempts together; null when there was none.</summary>
    public TimeSpan? Upstream { get; private set; }

    /// <summary>Requests that a destination failed, the last one of this request included; what its client broke off is none.</summary>
    public int Failures { get; private set; }

    /// <summary>Why the last attempt failed, or the request is none; null when neither is so.</summary>
    public string? Error { get; private set; }

    /// <summary>Bytes written so far, where they are counted one by one.</summary>
    public long Written { get; set; }

    /// <summary>When something was written last, as a timestamp, where bytes are counted one by one; else 0.</summary>
    public long Moved { get; set; }

    /// <summary>Whether <see cref="Written"/> counts.</summary>
    public bool IsCounting { get; set; }

    /// <summary>The record of a request; null where nobody observes.</summary>
    public static RequestRecord? Of(HttpContext context) => context.Features[typeof(RequestRecord)] as RequestRecord;

    public void Begin(DateTimeOffset time) => (Time, _begin) = (time, Stopwatch.GetTimestamp());

    /// <summary>It came before anybody took it down here.</summary>
    /// <param name="time">When.</param>
    /// <param name="begin">The same as a timestamp of <see cref="Stopwatch"/>.</param>
    public void BeganAt(DateTimeOffset time, long begin) => (Time, _begin) = (time, begin);

    public void End() => Duration = Stopwatch.GetElapsedTime(_begin);

    /// <summary>A route was taken.</summary>
    public void Take(CountedRoute route) => (Route, Taken, Counts) = (route.Id, route, route.Counts);

    /// <summary>A destination was tried.</summary>
    /// <param name="begin">The timestamp of <see cref="Stopwatch"/> at its begin.</param>
    /// <param name="error">Why it failed; null when it did not.</param>
    /// <param name="isTheirs">The destination is to blame, and not a client that left.</param>
    public void Tried(long begin, string? error, bool isTheirs)
    {
        Upstream = (Upstream ?? TimeSpan.Zero) + Stopwatch.GetElapsedTime(begin);
        Failures += isTheirs ? 1 : 0;
        Error = error;
    }

    /// <summary>No destination was tried: the request is none.</summary>
    public void Reject(string reason) => Error = reason;

    /// <summary>Lets go of everything, before the object waits for its next request.</summary>
    public void Clear()
    {
        (Number, Client, Method, Scheme, Host, Target, Protocol) = (new RequestNumber("", 0), null, "", "", "", "", "");
        (UserAgent, Referer, User, Route, Taken, Counts, Destination, Upstream, Error) = (null, null, null, null, null, null, null, null, null);
        (Status, Bytes, Aborted, Failures, Written, Moved, IsCounting) = (0, null, false, 0, 0, 0, false);
    }
}
