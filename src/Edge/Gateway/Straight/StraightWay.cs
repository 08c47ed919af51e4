using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Edge.Access;
using Edge.Connections;
using Edge.Observability;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway.Straight;

/// <summary>
/// Forwards what most requests are: GET and HEAD without a body, to a service that is reached by plain HTTP/1.1 and asks for
/// no change of the request but the usual headers. The bytes go from one connection to the other without an HTTP client
/// between them. Everything else, and every answer that is written strangely, is YARP's forwarder's.
/// See docs/decisions/0036-straight-way.md.
/// </summary>
internal sealed class StraightWay(LoopConnector? connector, EventLoops? loops, RequestTracing tracing, LoopGuard guard, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(25);

    private readonly ConditionalWeakTable<DestinationModel, StraightDestination> _destinations = [];
    private readonly StraightWatch _watch = new(time);
    private StraightPools? _pools;

    /// <summary>Connections to destinations that are open, at work or at rest.</summary>
    public int Connections => _watch.Count;

    /// <summary>The destination of a request that goes this way; null for one that does not.</summary>
    public StraightDestination? For(HttpContext context, RouteEntry entry, DestinationState destination)
    {
        if (connector is null || tracing.IsOn || !entry.GoesStraight || !IsPlain(context))
        {
            return null;
        }

        // The last one of a route is mostly its only one, and lies where the request has been anyway.
        var model = destination.Model;
        if (entry.LastStraight is not { } last || last.Model != model)
        {
            entry.LastStraight = last = new StraightModel(model, _destinations.TryGetValue(model, out var known) ? known : Make(model));
        }

        return last.Destination.Connections is null ? null : last.Destination;
    }

    /// <summary>Forwards one request.</summary>
    /// <returns>What YARP's forwarder would say; null when the request has to go its way after all, of which the client has seen nothing yet.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ForwarderError?> SendAsync(HttpContext context, StraightDestination destination, ForwarderRequestConfig config)
    {
        var to = destination.Connections!;
        var buffer = ArrayPool<byte>.Shared.Rent(StraightConnection.BufferSize);
        try
        {
            var length = RequestHead.Write(context, destination.PathPrefix, guard.Id, buffer);
            while (length > 0)
            {
                var connection = to.Take() ?? to.Add(await ConnectAsync(to, context.RequestAborted), time.GetTimestamp());
                connection.Begin(buffer, time.GetTimestamp(), PatienceOf(config), context.RequestAborted);
                var outcome = await AskAsync(context, connection, length);
                if (!outcome.IsAgain)
                {
                    return outcome.Error;
                }

                // It was closed while the question was on its way. There may be more such; the question is still there.
            }

            return null;
        }
        catch (Exception failed) when (failed is SocketException or OperationCanceledException)
        {
            return NotConnected(context, to, failed);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => _watch.Dispose();

    private StraightDestination Make(DestinationModel model) => _destinations.GetValue(model, made => StraightDestination.Of(made.Config.Address, Pools.To));

    // The loops start with the first listener.
    private StraightPools Pools => _pools ?? Interlocked.CompareExchange(ref _pools, new StraightPools(loops!.All.Length, _watch), null) ?? _pools;

    private static bool IsPlain(HttpContext context) =>
        (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }
        && Identity.Of(context) is null;

    private async ValueTask<LoopSocket> ConnectAsync(StraightConnections to, CancellationToken client)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(client);
        patience.CancelAfter(DestinationClientFactory.ConnectTimeout);
        return await connector!.ConnectSocketAsync(to.EndPoint, patience.Token);
    }

    private static ForwarderError NotConnected(HttpContext context, StraightConnections to, Exception failed)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return Fail(context, ForwarderError.RequestCanceled, StatusCodes.Status502BadGateway, failed);
        }

        if (failed is not SocketException refused)
        {
            return Fail(context, ForwarderError.RequestTimedOut, StatusCodes.Status504GatewayTimeout, failed);
        }

        var kind = refused.SocketErrorCode is SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData ? HttpRequestError.NameResolutionError : HttpRequestError.ConnectionError;
        var wrong = new HttpRequestException(kind, $"{refused.Message} ({to.EndPoint.Host}:{to.EndPoint.Port})", refused);
        return Fail(context, ForwarderError.Request, StatusCodes.Status502BadGateway, wrong);
    }

    // One request on one connection. What was not answered may be asked again or elsewhere: GET and HEAD do no harm twice
    // (RFC 9110 section 9.2.2).
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome> AskAsync(HttpContext context, StraightConnection connection, int length)
    {
        var (outcome, reusable) = (Outcome.OtherWay, false);
        try
        {
            await connection.SendAsync(connection.Buffer.AsMemory(0, length));
            (outcome, reusable) = await AnswerAsync(context, connection);
        }
        catch (IOException broken)
        {
            outcome = connection is { IsUsed: true, Broken: null, Received.End: 0 } ? Outcome.Again : NotAnswered(context, connection, broken);
        }
        finally
        {
            connection.End(reusable, time.GetTimestamp());
        }

        return outcome;
    }

    private long PatienceOf(ForwarderRequestConfig config)
    {
        var patience = config.ActivityTimeout ?? Usual;
        return (long)((patience < Longest ? patience : Longest).TotalSeconds * time.TimestampFrequency);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(Outcome Outcome, bool Reusable)> AnswerAsync(HttpContext context, StraightConnection connection)
    {
        // 1. Its head, behind what is only said in between (RFC 9110 section 15.2).
        HeadState head;
        while ((head = TakeHead(context, connection)).Status < StatusCodes.Status200OK)
        {
            var end = connection.Received.End;
            if (head.IsStrange || end == connection.Buffer.Length)
            {
                return (Outcome.OtherWay, false);
            }

            if (head.Status != 0)
            {
                continue;
            }

            var count = await connection.ReceiveAsync(connection.Buffer.AsMemory(end));
            connection.Touch(time.GetTimestamp());
            if (count == 0)
            {
                return end == 0 && connection.IsUsed
                    ? (Outcome.Again, false)
                    : (NotAnswered(context, connection, new IOException("The destination closed the connection before it had answered.")), false);
            }

            connection.Received = (connection.Received.Start, end + count);
        }

        // 2. Its body.
        context.Response.Headers[ServiceTransformer.RequestIdHeader] = context.TraceIdentifier;
        var copied = await CarryAsync(context, connection, head);
        if (copied == CopyEnd.Whole)
        {
            return (Outcome.Answered, head.KeepsAlive && head.Body != BodyKind.UntilClose && connection.Received.Start == connection.Received.End);
        }

        // What there is of it leaves before the connection is broken off.
        await connection.NextTurnAsync();
        return (NotCarried(context, connection, copied), false);
    }

    private static HeadState TakeHead(HttpContext context, StraightConnection connection)
    {
        var (start, end) = connection.Received;
        var received = connection.Buffer.AsSpan(start, end - start);
        var length = ResponseHead.LengthOf(received);
        if (length == 0)
        {
            return default;
        }

        if (!ResponseHead.TryRead(received[..length], out var head) || head.Status == StatusCodes.Status101SwitchingProtocols)
        {
            return HeadState.Strange;
        }

        connection.Received = (start + length, end);
        if (head.Status < StatusCodes.Status200OK)
        {
            return new HeadState(head.Status, BodyKind.None, 0, true);
        }

        head.CopyTo(context, connection.Headers);

        // These have none, whatever their headers say (RFC 9112 section 6.3).
        var isEmpty = HttpMethods.IsHead(context.Request.Method) || head.Status is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified;
        return new HeadState(head.Status, isEmpty ? BodyKind.None : head.Body, head.BodyLength, head.KeepsAlive);
    }

    private async ValueTask<CopyEnd> CarryAsync(HttpContext context, StraightConnection connection, HeadState head)
    {
        if (head.Body == BodyKind.None)
        {
            return CopyEnd.Whole;
        }

        var (start, end) = connection.Received;
        if (head.Body == BodyKind.Length && head.BodyLength <= end - start)
        {
            // All of it came with its head. The server sends both together.
            BodyCopy.Put(connection.Buffer.AsSpan(start, (int)head.BodyLength), context.Response.BodyWriter);
            connection.Received = (start + (int)head.BodyLength, end);
            return CopyEnd.Whole;
        }

        var copy = new BodyCopy(context, connection, time);
        try
        {
            return head.Body switch
            {
                BodyKind.Length => await copy.CopyLengthAsync(head.BodyLength),
                BodyKind.Chunked => await copy.CopyChunksAsync(),
                _ => await copy.CopyUntilCloseAsync(),
            };
        }
        catch (IOException)
        {
            return CopyEnd.BrokenOff;
        }
    }

    private static Outcome NotAnswered(HttpContext context, StraightConnection connection, IOException broken) => new(connection.Broken switch
    {
        BreakReason.ClientLeft => Fail(context, ForwarderError.RequestCanceled, StatusCodes.Status502BadGateway, broken),
        BreakReason.Silence => Fail(context, ForwarderError.RequestTimedOut, StatusCodes.Status504GatewayTimeout, new TimeoutException("The destination did not answer in time.", broken)),
        _ => Fail(context, ForwarderError.Request, StatusCodes.Status502BadGateway, new HttpRequestException(HttpRequestError.ResponseEnded, broken.Message, broken)),
    });

    // Where the client has been given a part, only an end that it cannot take for the whole tells it so.
    private static Outcome NotCarried(HttpContext context, StraightConnection connection, CopyEnd end)
    {
        var left = connection.Broken == BreakReason.ClientLeft;
        var error = left || connection.Broken == BreakReason.Silence ? ForwarderError.ResponseBodyCanceled : end == CopyEnd.ClientGone ? ForwarderError.ResponseBodyClient : ForwarderError.ResponseBodyDestination;
        context.Features.Set<IForwarderErrorFeature>(new ForwardFailure(error, new IOException("The answer broke off.")));
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

    private static ForwarderError Fail(HttpContext context, ForwarderError error, int status, Exception wrong)
    {
        context.Features.Set<IForwarderErrorFeature>(new ForwardFailure(error, wrong));
        context.Response.StatusCode = status;
        context.Response.Headers[ServiceTransformer.RequestIdHeader] = context.TraceIdentifier;
        return error;
    }
}
