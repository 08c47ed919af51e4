using Edge.Access;
using Edge.Gateway.Front;
using Edge.Observability;
using Edge.Observability.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>
/// Stands around the pipeline: takes down what a request was and how it was answered, for the access log, the metrics and
/// the traces. Steps inside find the record with <see cref="RequestRecord.Of"/>.
/// </summary>
internal sealed class RequestObserver(ObservabilityRoom room, CutRequests cut, AskedInVain vain)
{
    // The client left before it was answered: there is no status for that, and nginx's number is what readers know.
    private const int ClientClosedRequest = 499;

    /// <summary>The same pipeline, observed.</summary>
    public RequestDelegate Around(RequestDelegate pipeline) => context => ObserveAsync(context, pipeline);

    private async Task ObserveAsync(HttpContext context, RequestDelegate pipeline)
    {
        var record = room.Records.Get();
        record.Begin(room.Time.GetUtcNow());
        room.Requests.Begin();
        context.Features.Set(record);
        Ask(context, record);
        using var span = room.Tracing.Begin(context);
        try
        {
            await pipeline(context);
        }
        catch (Exception wrong)
        {
            // The server answers with this status where nothing was sent yet, and tells of a request that it found bad on the way.
            record.Aborted = context.Response.HasStarted;
            context.Response.StatusCode = context.Response.HasStarted ? context.Response.StatusCode : wrong is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;
            context.Features.Set(ObservedFeature.Instance);
            throw;
        }
        finally
        {
            Answer(context, record);
            if (!vain.IsEmpty && ListenerFeature.Of(context) is { } connection)
            {
                vain.Forget(connection, AskedInVain.StreamOf(context));
            }

            cut.Note(record);
            room.Requests.End(record);
            room.Tracing.End(span, record);
            context.Features.Set<RequestRecord>(null);
            room.Log.Add(record);
        }
    }

    // Only what the request has made anyway: lines are put together by somebody else.
    private static void Ask(HttpContext context, RequestRecord record)
    {
        var request = context.Request;
        record.Id = context.TraceIdentifier;
        record.Method = request.Method;
        record.Host = HostText.Of(request);
        record.Target = context.Features.Find<IHttpRequestFeature>()?.RawTarget ?? "";
        record.Protocol = request.Protocol;
        record.UserAgent = One(request.Headers.UserAgent);
        record.Referer = One(request.Headers.Referer);
    }

    private static void Answer(HttpContext context, RequestRecord record)
    {
        record.End();
        // Proxies that are believed have said meanwhile who it was.
        record.Client = context.Connection.RemoteIpAddress;
        record.Scheme = context.Request.Scheme;
        var response = context.Response;
        var left = context.RequestAborted.IsCancellationRequested;
        record.Aborted |= left;
        record.Status = left && !response.HasStarted ? ClientClosedRequest : response.StatusCode;
        record.Bytes = Bytes(context, record);
        if (context.Features.Find<IReverseProxyFeature>() is { } proxied)
        {
            record.Destination = proxied.ProxiedDestination?.Model.Config.Address;
        }

        record.User ??= Identity.Of(context)?.User ?? context.Features.Find<IHttpAuthenticationFeature>()?.User?.Identity?.Name;
    }

    private static long? Bytes(HttpContext context, RequestRecord record)
    {
        var response = context.Response;
        if (response.StatusCode == StatusCodes.Status101SwitchingProtocols)
        {
            return null;
        }

        if (record.IsCounting)
        {
            return record.Written;
        }

        // These have no body, whatever their length says (RFC 9110, section 6.4.1).
        var isEmpty = HttpMethods.IsHead(context.Request.Method) || response.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified;
        return isEmpty ? 0 : response.ContentLength ?? 0;
    }

    private static string? One(Microsoft.Extensions.Primitives.StringValues header) => header.Count == 0 ? null : header.ToString();
}
