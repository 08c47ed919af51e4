using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway.Straight;

/// <summary>What went wrong, as YARP's forwarder tells it to the steps around.</summary>
internal sealed record ForwardFailure(ForwarderError Error, int Status, Exception? Exception) : IForwarderErrorFeature
{
    /// <summary>Nothing had moved for as long as the route lets it.</summary>
    public bool WasSilent { get; init; }

    /// <summary>No connection came about: it was refused, or nobody said anything in time.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="left">The client has left.</param>
    /// <param name="failed">What was thrown.</param>
    public static ForwardFailure NotConnected(StraightConnections to, CancellationToken left, Exception failed)
    {
        if (left.IsCancellationRequested)
        {
            return new(ForwarderError.RequestCanceled, StatusCodes.Status502BadGateway, failed);
        }

        // Nothing was sent, whichever it was: the steps around go on alike.
        var refused = failed as SocketException ?? new SocketException((int)SocketError.TimedOut);
        var kind = refused.SocketErrorCode is SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData ? HttpRequestError.NameResolutionError : HttpRequestError.ConnectionError;
        var wrong = new HttpRequestException(kind, $"{refused.Message} ({to.EndPoint.Host}:{to.EndPoint.Port})", refused);
        return new(ForwarderError.Request, StatusCodes.Status502BadGateway, wrong);
    }

    /// <summary>There was a connection, and no answer.</summary>
    public static ForwardFailure NotAnswered(StraightConnection connection, IOException broken) => connection.Broken switch
    {
        BreakReason.ClientLeft => new(ForwarderError.RequestCanceled, StatusCodes.Status502BadGateway, broken),
        BreakReason.Silence => new(ForwarderError.RequestTimedOut, StatusCodes.Status504GatewayTimeout, new TimeoutException("The destination did not answer in time.", broken)),
        _ => new(ForwarderError.Request, StatusCodes.Status502BadGateway, new HttpRequestException(HttpRequestError.ResponseEnded, broken.Message, broken)),
    };

    /// <summary>The answer did not come to its end.</summary>
    public static ForwardFailure BrokenOff(StraightConnection connection, CopyEnd end)
    {
        var silent = connection.Broken == BreakReason.Silence;
        var error = silent || connection.Broken == BreakReason.ClientLeft ? ForwarderError.ResponseBodyCanceled
            : end == CopyEnd.ClientGone ? ForwarderError.ResponseBodyClient
            : ForwarderError.ResponseBodyDestination;
        return new(error, silent ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status502BadGateway, new IOException("The answer broke off.")) { WasSilent = silent };
    }

    /// <summary>Says so to the steps around a request that was not answered.</summary>
    public ForwarderError Note(HttpContext context)
    {
        context.Features.Set<IForwarderErrorFeature>(this);
        context.Response.StatusCode = Status;
        context.Response.Headers[ServiceTransformer.RequestIdHeader] = context.TraceIdentifier;
        return Error;
    }
}
