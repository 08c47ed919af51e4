using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway;

/// <summary>Tells a body that is no HTTP, which is its client's doing, from one whose client has left in the middle of it.</summary>
internal static class MalformedBody
{
    // What the server says of who left.
    private const string Left = "Unexpected end of request content.";

    /// <summary>What is wrong with the body (RFC 9112 section 7.1); null when something else failed.</summary>
    public static string? ReasonOf(IForwarderErrorFeature? failed) =>
        failed is { Error: ForwarderError.RequestBodyClient or ForwarderError.Request or ForwarderError.RequestBodyCanceled, Exception: { } wrong }
        && Find(wrong) is { StatusCode: StatusCodes.Status400BadRequest, Message: not Left } bad ? bad.Message : null;

    // The forwarder puts the failures of both ends together.
    private static BadHttpRequestException? Find(Exception? wrong) => wrong switch
    {
        null => null,
        BadHttpRequestException bad => bad,
        AggregateException many => many.InnerExceptions.Select(Find).FirstOrDefault(static bad => bad is not null),
        _ => Find(wrong.InnerException),
    };
}
