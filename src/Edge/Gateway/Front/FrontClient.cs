using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Edge.Connections;
using Edge.Gateway.Straight;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway.Front;

/// <summary>The client of a request that the front has read.</summary>
internal readonly struct FrontClient(FrontConnection connection) : IStraightClient
{
    public bool IsHead => connection.Request.IsHead;

    public CancellationToken Left => connection.Closed;

    public EventLoop? Loop => null;

    public void Begin(in ResponseHead head, HeadState state, StraightConnection from)
    {
        connection.BeginAnswer();
        var (request, output) = (connection.Request, connection.Output);
        request.Record.Status = head.Status;
        var room = output.GetSpan(AnswerHead.LongestOf(head, request.Hsts));
        output.Advance(AnswerHead.Write(head, state, request, connection.HidesCookies, connection.Books.Date.Now(), connection.Ends, room));
    }

    public ValueTask<CopyEnd> CarryAsync(HeadState state, StraightConnection from)
    {
        var (start, end) = from.Received;
        if (state.Body != BodyKind.None && (state.Body != BodyKind.Length || state.BodyLength > end - start))
        {
            return CopyAsync(state, from);
        }

        // All of it has come with its head, and leaves with it.
        var length = state.Body == BodyKind.None ? 0 : (int)state.BodyLength;
        from.Client = connection.Output;
        BodyCopy.Put(from.Buffer.AsSpan(start, length), connection.Output);
        from.Received = (start + length, end);
        connection.Request.Record.Written = length;
        var flushing = connection.Output.FlushAsync();
        return flushing.IsCompletedSuccessfully ? new ValueTask<CopyEnd>(EndOf(flushing.Result)) : FlushedAsync(flushing);
    }

    public ForwarderError Fail(ForwardFailure failure) => connection.Fail(failure);

    public ForwarderError BreakOff(StraightConnection from, CopyEnd end) => connection.BreakOff(ForwardFailure.BrokenOff(from, end));

    private static CopyEnd EndOf(FlushResult flushed) => flushed.IsCompleted || flushed.IsCanceled ? CopyEnd.ClientGone : CopyEnd.Whole;

    private static async ValueTask<CopyEnd> FlushedAsync(ValueTask<FlushResult> flushing) => EndOf(await flushing);

    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<CopyEnd> CopyAsync(HeadState state, StraightConnection from)
    {
        var record = connection.Request.Record;
        if (state.Body == BodyKind.Length)
        {
            return await new BodyCopy(connection.Output, isStream: false, record, trailers: null, from, connection.Books.Time, connection.Transport).CopyAsync(state);
        }

        var chunks = new ChunkedBody(connection.Output);
        var copied = await new BodyCopy(chunks, isStream: false, record, trailers: null, from, connection.Books.Time, connection.Transport).CopyAsync(state);
        if (copied != CopyEnd.Whole)
        {
            return copied;
        }

        await chunks.CompleteAsync();
        return EndOf(await connection.Output.FlushAsync());
    }
}
