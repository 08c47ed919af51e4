using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway.Straight;

/// <summary>What went wrong, as YARP's forwarder tells it to the steps around.</summary>
internal sealed record ForwardFailure(ForwarderError Error, Exception? Exception) : IForwarderErrorFeature
{
    /// <summary>Nothing had moved for as long as the route lets it.</summary>
    public bool WasSilent { get; init; }

    public static Outcome NotAnswered(HttpContext context, StraightConnection connection, IOException broken) => new Outcome(connection.Broken switch
    {
        BreakReason.ClientLeft => Note(context, ForwarderError.RequestCanceled, StatusCodes.Status502BadGateway, broken),
        BreakReason.Silence => Note(context, ForwarderError.RequestTimedOut, StatusCodes.Status504GatewayTimeout, new TimeoutException("The destination did not answer in time.", broken)),
        _ => Note(context, ForwarderError.Request, StatusCodes.Status502BadGateway, new HttpRequestException(HttpRequestError.ResponseEnded, broken.Message, broken)),
    });

    // Where the client has been given a part, only an end that it cannot take for the whole tells it so.
    public static Outcome NotCarried(HttpContext context, StraightConnection connection, CopyEnd end)
    {
        var left = connection.Broken == BreakReason.ClientLeft;
        var error = left || connection.Broken == BreakReason.Silence ? ForwarderError.ResponseBodyCanceled : end == CopyEnd.ClientGone ? ForwarderError.ResponseBodyClient : ForwarderError.ResponseBodyDestination;
        context.Features.Set<IForwarderErrorFeature>(new ForwardFailure(error, new IOException("The answer broke off.")) { WasSilent = connection.Broken == BreakReason.Silence });
        if (!context.Response.HasStarted)
        {
            context.Response.Clear();
            context.Response.StatusCode = connection.Broken == BreakReason.Silence ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status502BadGateway;
        }
        else if (context.Features.Get<IHttpResetFeature>() is { } stream)
        {
            const int internalError = 2;
            const int cancel = 8;
            stream.Reset(left ? cancel : internalError);
        }
        else
        {
            context.Abort();
        }

        return new Outcome(error);
    }

    public static ForwarderError Note(HttpContext context, ForwarderError error, int status, Exception wrong)
    {
        context.Features.Set<IForwarderErrorFeature>(new ForwardFailure(error, wrong));
        context.Response.StatusCode = status;
        context.Response.Headers[ServiceTransformer.RequestIdHeader] = context.TraceIdentifier;
        return error;
    }
}
