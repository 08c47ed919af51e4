using System.Runtime.CompilerServices;
using Edge.Connections;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway.Straight;

/// <summary>One request and its answer on one connection.</summary>
internal sealed class StraightExchange(TimeProvider time)
{
    /// <summary>
    /// Asks, and gives the client the answer. What was not answered may be asked again or elsewhere: GET and HEAD do no harm
    /// twice (RFC 9110 section 9.2.2).
    /// </summary>
    /// <param name="client">Who asks.</param>
    /// <param name="connection">Where the request is asked; it has begun, and ends with this.</param>
    /// <param name="length">How long the head of the request is, which stands at the front of the connection's buffer.</param>
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    public async ValueTask<Outcome> AskAsync<TClient>(TClient client, StraightConnection connection, int length)
        where TClient : struct, IStraightClient
    {
        var (outcome, reusable) = (Outcome.OtherWay, false);
        try
        {
            await connection.SendAsync(connection.Buffer.AsMemory(0, length));
            (outcome, reusable) = await AnswerAsync(client, connection);
        }
        catch (IOException broken)
        {
            outcome = connection is { IsUsed: true, Broken: null, Received.End: 0 } ? Outcome.Again : new Outcome(client.Fail(ForwardFailure.NotAnswered(connection, broken)));
        }
        finally
        {
            connection.End(reusable, time.GetTimestamp());
        }

        return outcome;
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<(Outcome Outcome, bool Reusable)> AnswerAsync<TClient>(TClient client, StraightConnection connection)
        where TClient : struct, IStraightClient
    {
        // 1. Its head, behind what is only said in between (RFC 9110 section 15.2).
        HeadState head;
        while ((head = TakeHead(client, connection)).Status < StatusCodes.Status200OK)
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
            await new LoopHop(client.Loop);
            connection.Touch(time.GetTimestamp());
            if (count == 0)
            {
                return end == 0 && connection.IsUsed
                    ? (Outcome.Again, false)
                    : (new Outcome(client.Fail(ForwardFailure.NotAnswered(connection, new IOException("The destination closed the connection before it had answered.")))), false);
            }

            connection.Received = (connection.Received.Start, end + count);
        }

        // 2. Its body.
        var copied = await client.CarryAsync(head, connection);
        if (copied == CopyEnd.Whole)
        {
            return (Outcome.Answered, head.KeepsAlive && head.Body != BodyKind.UntilClose && connection.Received.Start == connection.Received.End);
        }

        // What there is of it leaves before the connection is broken off.
        await connection.NextTurnAsync();
        return (new Outcome(client.BreakOff(connection, copied)), false);
    }

    private static HeadState TakeHead<TClient>(TClient client, StraightConnection connection)
        where TClient : struct, IStraightClient
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

        if (head.IsEventStream)
        {
            connection.WaitForever();
        }

        var state = HeadState.Of(head, client.IsHead);
        client.Begin(head, state, connection);
        return state;
    }
}
