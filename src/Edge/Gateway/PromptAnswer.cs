using System.Net;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>
/// The body of a destination's answer, before which its head goes to the client where the body is not there yet: an event stream has
/// begun for its reader before its first event. YARP's forwarder holds the head back until then.
/// </summary>
internal sealed class PromptAnswer(HttpContent body, HttpContext context) : CarriedBody(body)
{
    /// <summary>Has the head of an answer with a body leave in time, once all of it is known.</summary>
    public static void Begin(HttpResponseMessage? answer, HttpContext context)
    {
        // What follows 101, or a CONNECT (RFC 8441 section 4), is no body: it goes both ways.
        if (answer is { Content: { } body, StatusCode: not HttpStatusCode.SwitchingProtocols } && answer.RequestMessage?.Method != HttpMethod.Connect)
        {
            answer.Content = new PromptAnswer(body, context);
        }
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        new PromptAnswerStream(await Body.ReadAsStreamAsync(cancellationToken), context.Response);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Body.CopyToAsync(stream, context);
}
