using Edge.Connections;
using Edge.Observability.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway.Straight;

/// <summary>The client of a request that the web server has read.</summary>
internal readonly struct ServerClient(HttpContext context, TimeProvider time) : IStraightClient
{
    // The server's own, which is off for bodies that may wait for a reader who pauses.
    private static readonly MinDataRate Slowest = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(100));

    public bool IsHead => HttpMethods.IsHead(context.Request.Method);

    public CancellationToken Left => context.RequestAborted;

    public EventLoop? Loop => null;

    public void Begin(in ResponseHead head, HeadState state, StraightConnection connection)
    {
        head.CopyTo(context, connection.Headers);
        if (head.Status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent)
        {
            context.Response.ContentLength = null;
        }

        context.Response.Headers[ServiceTransformer.RequestIdHeader] = context.TraceIdentifier;
    }

    public ValueTask<CopyEnd> CarryAsync(HeadState state, StraightConnection connection)
    {
        if (state.Body == BodyKind.None)
        {
            return ValueTask.FromResult(CopyEnd.Whole);
        }

        var (start, end) = connection.Received;
        if (state.Body != BodyKind.Length || state.BodyLength > end - start)
        {
            return new BodyCopy(
                context.Response.BodyWriter, HttpProtocol.IsHttp2(context.Request.Protocol), Counting(), context.Response.SupportsTrailers() ? context.Response : null, connection, time).CopyAsync(state);
        }

        // All of it came with its head. The server sends both together, and ends a client that does not take them.
        if (context.Features.Find<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = Slowest;
        }

        BodyCopy.Put(connection.Buffer.AsSpan(start, (int)state.BodyLength), context.Response.BodyWriter);
        connection.Received = (start + (int)state.BodyLength, end);
        return ValueTask.FromResult(CopyEnd.Whole);
    }

    public ForwarderError Fail(ForwardFailure failure) => failure.Note(context);

    // Where the client has been given a part, only an end that it cannot take for the whole tells it so.
    public ForwarderError BreakOff(StraightConnection connection, CopyEnd end)
    {
        var failure = ForwardFailure.BrokenOff(connection, end);
        context.Features.Set<IForwarderErrorFeature>(failure);
        if (!context.Response.HasStarted)
        {
            context.Response.Clear();
            context.Response.StatusCode = failure.Status;
        }
        else if (context.Features.Get<IHttpResetFeature>() is { } stream)
        {
            const int internalError = 2;
            const int cancel = 8;
            stream.Reset(connection.Broken == BreakReason.ClientLeft ? cancel : internalError);
        }
        else
        {
            context.Abort();
        }

        return failure.Error;
    }

    // What is small is counted by its length: it goes into the sockets at once.
    private RequestRecord? Counting()
    {
        if (context.Response.ContentLength is <= CountedBody.Large || RequestRecord.Of(context) is not { IsCounting: false } record)
        {
            return null;
        }

        record.IsCounting = true;
        return record;
    }
}
