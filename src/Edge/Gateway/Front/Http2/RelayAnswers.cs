using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Edge.Connections;

namespace Edge.Gateway.Front.Http2;

/// <summary>Gives the client what the web server says over its streams.</summary>
internal sealed class RelayAnswers(Relay relay, PipeReader from, ServerSide server, Untaken untaken)
{
    // So much is taken before the web server is told.
    private const int MostUntold = 16 * 1024;

    private readonly HeldFrames _held = new();
    private readonly ClientSide _client = relay.Client;
    private TaskCompletionSource? _sent;
    private int _untold;
    private bool _isCut;
    private bool _hasAgreed;
    private bool _hasGrown;

    /// <summary>The web server takes no more streams.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>The last stream that it has begun with.</summary>
    public int Last { get; private set; } = int.MaxValue;

    /// <summary>Carries all to the end.</summary>
    public async Task ReadAsync()
    {
        while (true)
        {
            var read = await from.ReadAsync();
            await _client.Output.RoomAsync();
            await new LoopHop(_client.Loop);
            var bytes = read.Buffer;
            while (TryTake(ref bytes, out var head, out var payload))
            {
                Take(head, payload);
            }

            from.AdvanceTo(bytes.Start, bytes.End);

            // Who waits for the web server to read is the client's side: here it would wait for itself.
            _ = relay.FlushAsync();
            if (read.IsCompleted)
            {
                break;
            }
        }

        await from.CompleteAsync();
        if (!_held.IsEmpty && !_isCut)
        {
            await (_sent = new TaskCompletionSource()).Task;
        }
    }

    /// <summary>The client is gone: nothing waits for its window any more.</summary>
    public void Cut()
    {
        _isCut = true;
        _sent?.TrySetResult();
    }

    /// <summary>Sends what the client has room for now.</summary>
    public void SendHeld()
    {
        while (_held.TryFirst(out var head, out var payload))
        {
            if (!TrySend(head, payload))
            {
                return;
            }

            _held.Drop();
            untaken.Begin();
        }

        untaken.End();
        _sent?.TrySetResult();
    }

    // False for one that the client has no room for, or not for all of it: then it waits with what is left.
    private bool TrySend(FrameHead head, ReadOnlyMemory<byte> payload)
    {
        var room = head.Type == FrameType.Data ? (int)Math.Min(_client.Window.Left, payload.Length) : payload.Length;
        if (head.Type == FrameType.Settings)
        {
            Agreed();
        }
        else if (relay.Find(head.Stream) is not { } stream)
        {
            Told(head.Type == FrameType.Data ? payload.Length : 0);
        }
        else if (room == payload.Length)
        {
            Forward(stream, head, new ReadOnlySequence<byte>(payload));
        }
        else
        {
            if (room > 0)
            {
                Data(stream, FrameFlags.None, new ReadOnlySequence<byte>(payload[..room]));
                _held.Shorten(room);
                untaken.Begin();
            }

            return false;
        }

        return true;
    }

    // Nothing may come between the frames of one block of fields (RFC 9113 section 6.10): it is taken as one.
    private bool TryTake(ref ReadOnlySequence<byte> bytes, out FrameHead head, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        if (FrameReader.TryPeek(bytes, out head) && head.Type == FrameType.Headers)
        {
            if (!FrameReader.HasWholeBlock(bytes))
            {
                return false;
            }

            if (!head.Has(FrameFlags.EndHeaders))
            {
                payload = new ReadOnlySequence<byte>(Together(ref bytes));
                return true;
            }
        }

        return FrameReader.TryTake(ref bytes, out head, out payload);
    }

    private byte[] Together(ref ReadOnlySequence<byte> bytes)
    {
        var block = new ArrayBufferWriter<byte>();
        FrameHead head;
        do
        {
            FrameReader.TryTake(ref bytes, out head, out var payload);
            foreach (var piece in payload)
            {
                block.Write(piece.Span);
            }
        }
        while (!head.Has(FrameFlags.EndHeaders));
        return block.WrittenSpan.ToArray();
    }

    private void Take(FrameHead head, ReadOnlySequence<byte> payload)
    {
        switch (head.Type)
        {
            case FrameType.Settings:
                Agree(head);
                break;
            case FrameType.Ping when !head.Has(FrameFlags.Ack):
                server.Frame(FrameType.Ping, FrameFlags.Ack, 0, payload.ToArray());
                break;
            case FrameType.GoAway:
                Leave(payload.ToArray());
                break;
            case FrameType.WindowUpdate when head.Stream == 0:
                Grow(BinaryPrimitives.ReadInt32BigEndian(payload.ToArray()));
                break;
            case FrameType.Headers or FrameType.Data or FrameType.ResetStream or FrameType.WindowUpdate:
                TakeOfStream(head, payload);
                break;
        }
    }

    private void TakeOfStream(FrameHead head, ReadOnlySequence<byte> payload)
    {
        if (relay.Find(head.Stream) is not { } stream)
        {
            // The client wants it no more.
            Told(head.Type == FrameType.Data ? head.Length : 0);
            return;
        }

        stream.IsReset |= head.Type == FrameType.ResetStream;
        if (head.Type == FrameType.WindowUpdate || (head.Type == FrameType.ResetStream && !IsPolite(payload)) || (!_held.Holds(head.Stream) && (head.Type != FrameType.Data || head.Length <= _client.Window.Left)))
        {
            Forward(stream, head, payload);
        }
        else
        {
            if (_held.IsEmpty)
            {
                untaken.Begin();
            }

            _held.Add(head, payload);
            SendHeld();
        }
    }

    // It has answered, and does not want the rest of the request (RFC 9113 section 8.1): no reason to drop what is held of the answer.
    private static bool IsPolite(ReadOnlySequence<byte> payload) => (ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload.ToArray()) == ErrorCode.None;

    private void Forward(RelayedStream stream, FrameHead head, ReadOnlySequence<byte> payload)
    {
        switch (head.Type)
        {
            case FrameType.Data:
                Data(stream, head.Flags, payload);
                break;
            case FrameType.Headers:
                _client.Headers(stream.Id, head.Has(FrameFlags.EndStream), payload.IsSingleSegment ? payload.FirstSpan : payload.ToArray());
                break;
            case FrameType.ResetStream:
                _client.Output.Frame(head.Type, head.Flags, stream.Id, payload.ToArray());
                relay.Close(stream);
                return;
            default:
                _client.Output.Frame(head.Type, head.Flags, stream.Id, payload.ToArray());
                return;
        }

        if (head.Has(FrameFlags.EndStream))
        {
            relay.EndServer(stream);
        }
    }

    private void Data(RelayedStream stream, byte flags, ReadOnlySequence<byte> payload)
    {
        var length = (int)payload.Length;
        var span = _client.Output.GetSpan(FrameHead.Size + length);
        new FrameHead(length, FrameType.Data, flags, stream.Id).Write(span);
        payload.CopyTo(span[FrameHead.Size..]);
        _client.Output.Advance(FrameHead.Size + length);
        _client.Window.Take(length);
        Told(length);
    }

    // What has gone on makes room for more.
    private void Told(int count)
    {
        _untold += count;
        if (_untold >= MostUntold)
        {
            server.Number(FrameType.WindowUpdate, 0, (uint)_untold);
            _untold = 0;
        }
    }

    private void Agree(FrameHead head)
    {
        if (!head.Has(FrameFlags.Ack))
        {
            server.Frame(FrameType.Settings, FrameFlags.Ack, 0, default);
        }
        else if (_hasAgreed)
        {
            if (_held.IsEmpty)
            {
                Agreed();
            }
            else
            {
                // What is held is of the time before.
                _held.Add(head, default);
            }
        }

        // The first one is to what the front has said itself.
        _hasAgreed |= head.Has(FrameFlags.Ack);
    }

    private void Agreed()
    {
        relay.Unanswered--;
        _client.Output.Frame(FrameType.Settings, FrameFlags.Ack, 0, default);
    }

    // The first one is what the client was told at the beginning.
    private void Grow(int by)
    {
        if (_hasGrown)
        {
            relay.Taken(by);
            _client.Output.WindowUpdate(0, by);
        }

        _hasGrown = true;
    }

    // RFC 9113 section 6.8.
    private void Leave(ReadOnlySpan<byte> payload)
    {
        (IsLeaving, Last) = (true, BinaryPrimitives.ReadInt32BigEndian(payload));
        relay.Leave();
        if ((ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload[4..]) is not ErrorCode.None and var code)
        {
            relay.Fail(code);
        }
    }
}
