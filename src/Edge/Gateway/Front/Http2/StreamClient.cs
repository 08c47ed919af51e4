using Edge.Connections;
using Edge.Gateway.Straight;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway.Front.Http2;

/// <summary>The client of a request that the front has read from a stream.</summary>
internal readonly struct StreamClient(FrontStream stream) : IStraightClient
{
    public bool IsHead => stream.Request.IsHead;

    public CancellationToken Left => stream.Left;

    public EventLoop? Loop => stream.Loop;

    public void Begin(in ResponseHead head, HeadState state, StraightConnection from)
    {
        if (stream.IsLeft)
        {
            throw new IOException("The client wants no answer any more.");
        }

        from.Broke = stream.Broke;
        stream.Answer(head, state);
    }

    public ValueTask<CopyEnd> CarryAsync(HeadState state, StraightConnection from)
    {
        var (start, end) = from.Received;
        var length = state.Body == BodyKind.None ? 0 : state.BodyLength;
        if (stream.HasEnded)
        {
            return ValueTask.FromResult(CopyEnd.Whole);
        }

        if (state.Body != BodyKind.Length || length > Math.Min(end - start, stream.Room) || length > FrameHead.MostLength)
        {
            return new StreamBody(stream, from).CopyAsync(state);
        }

        // All of it has come with its head, and leaves with it.
        var room = stream.Output.GetSpan(FrameHead.Size + (int)length);
        from.Buffer.AsSpan(start, (int)length).CopyTo(room[FrameHead.Size..]);
        from.Received = (start + (int)length, end);
        stream.Data(room, (int)length, isLast: true);
        return ValueTask.FromResult(CopyEnd.Whole);
    }

    public ForwarderError Fail(ForwardFailure failure)
    {
        stream.Failure = failure;
        return failure.Error;
    }

    public ForwarderError BreakOff(StraightConnection from, CopyEnd end) =>
        Fail(ForwardFailure.BrokenOff(from, end) is var failure && stream.WaitsForClient ? failure with { WasSilent = false } : failure);
}
