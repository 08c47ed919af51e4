using System.Buffers;
using System.Runtime.CompilerServices;
using Edge.Connections;
using Edge.Gateway.Straight;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway.Front.Http2;

/// <summary>A stream whose request the front serves. One serves many, one after the other.</summary>
internal sealed class FrontStream
{
    // So much of a body is written before another stream has its turn.
    private const int Share = 32 * 1024;

    private readonly CancellationTokenSource _left = new();
    private readonly ClientSide _client;
    private TaskCompletionSource? _room;
    private int _written;

    public FrontStream(FrontDoor door, ClientSide client)
    {
        (Door, _client) = (door, client);
        Turn = new LinkedListNode<FrontStream>(this);
        Broke = () => _client.Loop.Post(static stream => ((FrontStream)stream!).Wake(), this);
    }

    public FrontDoor Door { get; }

    /// <summary>What was asked, as it came.</summary>
    public FieldList Fields { get; } = new();

    public int Id { get; private set; }

    public FrontRequest Request { get; private set; }

    /// <summary>What the client takes of it.</summary>
    public long Window { get; private set; }

    /// <summary>The answer has begun.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The answer is written to its end.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The client wants it no more, or is gone.</summary>
    public bool IsLeft => _left.IsCancellationRequested;

    public ForwardFailure? Failure { get; set; }

    /// <summary>The client wants it no more.</summary>
    public CancellationToken Left => _left.Token;

    /// <summary>Is called when the destination's connection is broken off on this side.</summary>
    public Action Broke { get; }

    public EventLoop Loop => _client.Loop;

    public FrameOutput Output => _client.Output;

    /// <summary>What there is of the answer the client has not taken yet: who then says nothing is not the destination.</summary>
    public bool WaitsForClient { get; set; }

    /// <summary>Its place in the <see cref="RoomQueue"/>.</summary>
    public LinkedListNode<FrontStream> Turn { get; }

    /// <summary>It waits for the connection's room, and stands in the <see cref="RoomQueue"/>.</summary>
    public bool IsQueued => Turn.List is not null;

    /// <summary>It waits for its own window.</summary>
    public bool WaitsForWindow => _room is not null && !IsQueued;

    /// <summary>How much of a body may be written now.</summary>
    public long Room => Math.Min(Window, _client.Room);

    /// <summary>It has had its share while others wait.</summary>
    public bool IsSated => _written >= Share && !_client.Waiting.IsEmpty;

    /// <summary>Begins it anew.</summary>
    public void Begin(int id, in FrontRequest request)
    {
        (Id, Request, Window) = (id, request, _client.InitialWindow);
        (HasBegun, HasEnded, Failure, WaitsForClient, _written) = (false, false, null, false, 0);
    }

    /// <summary>Asks the destination.</summary>
    /// <param name="buffer">What it is asked stands at its front. It goes back when this ends.</param>
    /// <param name="length">How long that is.</param>
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    public async ValueTask<ForwarderError?> AskAsync(byte[] buffer, int length)
    {
        var request = Request;
        request.Load.Enter();
        try
        {
            var error = await Door.Straight.SendAsync(new StreamClient(this), request.Destination, request.Entry.Ordinary, buffer, length);
            if (error is null && request is { State: null, Destination.AnswersStrangely: true })
            {
                request.Entry.UnlearnSole(request.Destination);
            }

            return error;
        }
        finally
        {
            request.Load.Leave();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The client wants it no more.</summary>
    public void Leave()
    {
        _left.Cancel();
        Wake();
    }

    /// <summary>The client takes more of it, or less. False where it would be too much (RFC 9113 section 6.9.1).</summary>
    public bool TryGrow(int by)
    {
        Window += by;
        return Window <= int.MaxValue;
    }

    /// <summary>Who waits for room looks again.</summary>
    public void Wake()
    {
        _client.Waiting.Remove(this);
        var room = _room;
        _room = null;
        room?.SetResult();
    }

    /// <summary>Ends when there may be room, and it is this stream's turn.</summary>
    public Task RoomAsync()
    {
        _written = 0;
        _room = new TaskCompletionSource();
        if (Window > 0)
        {
            _client.Waiting.Add(this);
        }

        return _room.Task;
    }

    /// <summary>Writes the head of the answer.</summary>
    public void Answer(in ResponseHead head, HeadState state)
    {
        HasBegun = true;
        HasEnded = state.Body == BodyKind.None || state is { Body: BodyKind.Length, BodyLength: 0 };
        Request.Record.Status = head.Status;
        var span = Output.GetSpan(FrameHead.Size + AnswerBlock.LongestOf(head, Request.Hsts));
        var writer = new FieldWriter(span[FrameHead.Size..]);
        if (_client.OwesNoTable)
        {
            _client.OwesNoTable = false;
            writer.NoTable();
        }

        AnswerBlock.Write(head, state, Request, Door.HidesCookies, Door.Books.Date.Now(), ref writer);
        if (writer.Length > FrameHead.MostLength)
        {
            _client.Headers(Id, HasEnded, span.Slice(FrameHead.Size, writer.Length).ToArray());
            return;
        }

        new FrameHead(writer.Length, FrameType.Headers, (byte)(FrameFlags.EndHeaders | (HasEnded ? FrameFlags.EndStream : 0)), Id).Write(span);
        Output.Advance(FrameHead.Size + writer.Length);
    }

    /// <summary>Sends bytes of the body that stand in the output's room behind where the head of their frame goes.</summary>
    public void Data(Span<byte> room, int count, bool isLast)
    {
        HasEnded = isLast;
        new FrameHead(count, FrameType.Data, isLast ? FrameFlags.EndStream : FrameFlags.None, Id).Write(room);
        Output.Advance(FrameHead.Size + count);
        WaitsForClient = false;
        _written += count;
        Window -= count;
        _client.Window.Take(count);
        Request.Record.Written += count;
    }

    /// <summary>Ends the body, with trailers where there are some.</summary>
    public void End(ReadOnlySpan<byte> trailers)
    {
        HasEnded = true;
        if (trailers.IsEmpty)
        {
            Output.Frame(FrameType.Data, FrameFlags.EndStream, Id, default);
        }
        else
        {
            _client.Headers(Id, endsStream: true, trailers);
        }
    }
}
