using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Edge.Observability.Requests;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Edge.Gateway;

/// <summary>
/// The requests that the web server answers itself, before any step of ours: they are no well-formed HTTP, too long, or not there
/// in time. It tells of them here; they get their answer in the form of all others, a line in the access log, and count for bans.
/// </summary>
internal sealed class RejectedRequests(Rejections rejections) : DiagnosticSource
{
    private const string Event = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    // The reason may quote what the client sent.
    private const int LongestReason = 200;

    // What the server says when the connection ended before the line, or the headers, did.
    private static readonly string[] Ends = ["Invalid request line.", "Malformed request: invalid headers."];

    // Where the server does not repeat what was sent it leaves this in its place.
    private const string Nothing = ": ''";

    public override bool IsEnabled(string name) => name == Event;

    [RequiresUnreferencedCode("As the method it overrides; only the features of the request are read.")]
    public override void Write(string name, object? value)
    {
        if (value is IFeatureCollection request && request.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException wrong
            && request.Get<ListenerFeature>() is { Kind: ListenerKind.Http or ListenerKind.Https } && request.Get<ObservedFeature>() is null
            && request.Get<IHttpResponseFeature>() is { HasStarted: false } && !IsLeftOver(request))
        {
            Take(request, wrong);
        }
    }

    // The rest of a body whose client has left is no request of its own.
    private static bool IsLeftOver(IFeatureCollection request) =>
        request.Get<ListenerFeature>()!.HasAsked && request.Get<IConnectionLifetimeFeature>() is { ConnectionClosed.IsCancellationRequested: true };

    private void Take(IFeatureCollection request, BadHttpRequestException wrong)
    {
        var record = rejections.Begin();
        Fill(record, request, wrong);
        record.Bytes = Answer(request, wrong.StatusCode, record.Id);

        // Who is only slow, or has left in the middle of a line, does nothing wrong.
        rejections.End(
            record,
            isOffence: wrong.StatusCode != StatusCodes.Status408RequestTimeout && !Ends.Contains(wrong.Message),
            isAnyPages: wrong.StatusCode is StatusCodes.Status414UriTooLong or StatusCodes.Status431RequestHeaderFieldsTooLarge);
    }

    // Only what was understood before the mistake came.
    private static void Fill(RequestRecord record, IFeatureCollection features, BadHttpRequestException wrong)
    {
        record.Id = features.Get<IHttpRequestIdentifierFeature>()?.TraceIdentifier ?? "";
        record.Client = features.Get<IHttpConnectionFeature>()?.RemoteIpAddress;
        record.Scheme = features.Get<ListenerFeature>() is { Kind: ListenerKind.Https } ? "https" : "http";
        record.Status = wrong.StatusCode;
        var reason = wrong.Message.Replace(Nothing, "", StringComparison.Ordinal);
        record.Reject(reason.Length > LongestReason ? reason[..LongestReason] : reason);
        if (features.Get<IHttpRequestFeature>() is { } request)
        {
            record.Method = request.Method ?? "";
            record.Target = request.RawTarget ?? "";
            record.Protocol = request.Protocol ?? "";
            record.Host = request.Headers.Host.ToString();
            record.UserAgent = request.Headers.UserAgent.ToString() is { Length: > 0 } agent ? agent : null;
        }
    }

    // The server would send its status and nothing else. An answer that is begun it leaves as it is, and closes the connection.
    // There is no way to a body before a request is there, but what is written to the connection behind the head is one.
    private static int Answer(IFeatureCollection features, int status, string id)
    {
        var (request, response) = (features.GetRequiredFeature<IHttpRequestFeature>(), features.GetRequiredFeature<IHttpResponseFeature>());
        if (features.Get<IConnectionTransportFeature>()?.Transport is not { } connection || features.Get<IHttp2StreamIdFeature>() is not null || MayBeHttp2(features, status))
        {
            return 0;
        }

        var (type, body) = GatewayPages.Rejected(status).Form(request.Headers.Accept.ToString(), id);
        GatewayPage.Head(response.Headers, type, body.Length, id);
        response.Headers.Connection = "close";
        var begun = features.GetRequiredFeature<IHttpResponseBodyFeature>().StartAsync(CancellationToken.None);
        if (!begun.IsCompletedSuccessfully || HttpMethods.IsHead(request.Method ?? ""))
        {
            return 0;
        }

        // The server gives to the connection what is in its buffer before it closes it.
        body.CopyTo(connection.Output.GetSpan(body.Length));
        connection.Output.Advance(body.Length);
        return body.Length;
    }

    // The server answers the beginning of HTTP/2 without TLS by a frame that says that HTTP/1.1 is wanted (RFC 9113 section 7,
    // HTTP_1_1_REQUIRED), and does not tell us that it will. A page in front of that frame is neither of the two protocols.
    private static bool MayBeHttp2(IFeatureCollection features, int status) =>
        status == StatusCodes.Status505HttpVersionNotsupported && features.Get<ListenerFeature>() is { Kind: ListenerKind.Http };
}
