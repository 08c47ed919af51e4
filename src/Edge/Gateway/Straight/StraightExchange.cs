using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Edge.Gateway.Straight;

/// <summary>One request and its answer on one connection.</summary>
internal sealed class StraightExchange(TimeProvider time)
{
    // The server's own, which is off for bodies that may wait for a reader who pauses.
    private static readonly MinDataRate Slowest = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(100));

    /// <summary>
    /// Asks, and gives the client the answer. What was not answered may be asked again or elsewhere: GET and HEAD do no harm
    /// twice (RFC 9110 section 9.2.2).
    /// </summary>
    /// <param name="context">The client's request.</param>
    /// <param name="connection">Where the request is asked; it has begun, and ends with this.</param>
    /// <param name="length">How long the head of the request is, which stands at the front of the connection's buffer.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Outcome> AskAsync(HttpContext context, StraightConnection connection, int length)
    {
        var (outcome, reusable) = (Outcome.OtherWay, false);
        try
        {
            await connection.SendAsync(connection.Buffer.AsMemory(0, length));
            (outcome, reusable) = await AnswerAsync(context, connection);
        }
        catch (IOException broken)
        {
            outcome = connection is { IsUsed: true, Broken: null, Received.End: 0 } ? Outcome.Again : ForwardFailure.NotAnswered(context, connection, broken);
        }
        finally
        {
            connection.End(reusable, time.GetTimestamp());
        }

        return outcome;
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
                    : (ForwardFailure.NotAnswered(context, connection, new IOException("The destination closed the connection before it had answered.")), false);
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
        return (ForwardFailure.NotCarried(context, connection, copied), false);
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
        var isEmpty = HttpMethods.IsHead(context.Request.Method) || head.Status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified;
        if (head.Status is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent))
        {
            return new HeadState(head.Status, isEmpty ? BodyKind.None : head.Body, head.BodyLength, head.KeepsAlive);
        }

        // Who announces content all the same may send it.
        var announces = head.Body == BodyKind.Chunked || head.BodyLength > 0;
        context.Response.ContentLength = null;
        return new HeadState(head.Status, BodyKind.None, 0, head.KeepsAlive && !announces);
    }

    private ValueTask<CopyEnd> CarryAsync(HttpContext context, StraightConnection connection, HeadState head)
    {
        if (head.Body == BodyKind.None)
        {
            return ValueTask.FromResult(CopyEnd.Whole);
        }

        var (start, end) = connection.Received;
        if (head.Body != BodyKind.Length || head.BodyLength > end - start)
        {
            return CopyAsync(context, connection, head);
        }

        // All of it came with its head. The server sends both together, and ends a client that does not take them.
        if (context.Features.Find<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = Slowest;
        }

        BodyCopy.Put(connection.Buffer.AsSpan(start, (int)head.BodyLength), context.Response.BodyWriter);
        connection.Received = (start + (int)head.BodyLength, end);
        return ValueTask.FromResult(CopyEnd.Whole);
    }

    private async ValueTask<CopyEnd> CopyAsync(HttpContext context, StraightConnection connection, HeadState head)
    {
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
            return await copy.BreakOffAsync();
        }
    }
}
