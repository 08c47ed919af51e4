using System.Diagnostics;
using Edge.Observability.Requests;
using Microsoft.AspNetCore.Http;

namespace Edge.Observability;

/// <summary>
/// Makes a span of each request that is traced, below the one that the client names (W3C Trace Context). Where nobody
/// collects spans this is one look at a field, and the header goes to the destination as it came.
/// </summary>
internal sealed class RequestTracing(bool isOn) : IDisposable
{
    /// <summary>The name of the source of these spans.</summary>
    public const string SourceName = "Edge.Gateway";

    private readonly ActivitySource? _source = isOn ? new ActivitySource(SourceName) : null;

    /// <summary>Whether spans are collected, and destinations get the number of ours.</summary>
    public bool IsOn => _source is not null;

    /// <summary>The span of a request; null when it is not traced.</summary>
    public Activity? Begin(HttpContext context)
    {
        if (_source is null)
        {
            return null;
        }

        var headers = context.Request.Headers;
        ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out var parent);
        return _source.StartActivity(context.Request.Method, ActivityKind.Server, parent);
    }

    /// <summary>Tells the span how it ended, in the words of OpenTelemetry's conventions for HTTP.</summary>
    public void End(Activity? span, RequestRecord record)
    {
        if (span is null)
        {
            return;
        }

        var (path, _) = RequestText.Split(record.Target, QueryDisplay.None);
        span.DisplayName = record.Route is { } name ? $"{record.Method} {name}" : record.Method;
        span.SetTag("http.request.method", record.Method);
        span.SetTag("url.scheme", record.Scheme);
        span.SetTag("url.path", path);
        span.SetTag("server.address", record.Host);
        span.SetTag("http.response.status_code", record.Status);
        span.SetTag("network.protocol.version", record.Protocol.StartsWith("HTTP/", StringComparison.Ordinal) ? record.Protocol[5..] : record.Protocol);
        span.SetTag("edge.request.id", record.Id);
        if (record.Route is { } route)
        {
            span.SetTag("edge.route", route);
            span.SetTag("edge.destination", record.Destination);
        }

        // Mistakes of clients are none of this server (semantic conventions: spans of servers).
        if (record.Status >= 500 || record.Error is not null)
        {
            span.SetStatus(ActivityStatusCode.Error);
            span.SetTag("error.type", record.Error ?? record.Status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    public void Dispose() => _source?.Dispose();
}
