using System.Net;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>
/// The body of a destination's answer, before which its head goes to the client where the body is not there yet: an event stream has
/// begun for its reader before its first event. YARP's forwarder holds the head back until then.
/// </summary>
internal sealed class PromptAnswer(HttpContent body, HttpContext context, bool lasts) : CarriedBody(body)
{
    /// <summary>Has the head of an answer with a body leave in time, once all of it is known.</summary>
    /// <param name="answer">What the destination said.</param>
    /// <param name="context">Whom it goes to.</param>
    /// <param name="mayLast">The route does not say how long an event stream may be silent.</param>
    public static void Begin(HttpResponseMessage? answer, HttpContext context, bool mayLast)
    {
        // What follows 101, or a CONNECT (RFC 8441 section 4), is no body: it goes both ways.
        if (answer is { Content: { } body, StatusCode: not HttpStatusCode.SwitchingProtocols } && answer.RequestMessage?.Method != HttpMethod.Connect)
        {
            answer.Content = new PromptAnswer(body, context, LastingBody.Begin(context, mayLast));
        }
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        new PromptAnswerStream(await Body.ReadAsStreamAsync(cancellationToken), context.Response, lasts ? context.RequestAborted : null);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Body.CopyToAsync(stream, context);
}
