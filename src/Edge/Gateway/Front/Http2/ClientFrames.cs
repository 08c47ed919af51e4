using System.Buffers;
using System.Buffers.Binary;

namespace Edge.Gateway.Front.Http2;

/// <summary>Does what a client's frames say (RFC 9113 section 6).</summary>
internal sealed class ClientFrames(ClientSide client, FrontStreams streams, IFrameOwner owner)
{
    // So many requests that were refused are remembered: what belongs to them may be under way.
    private const int MostRefused = 256;

    private readonly HeaderDecoder _decoder = new();
    private readonly HeaderBlock _block = new();
    private readonly Queue<int> _refused = new();
    private bool _hasBegun;
    private bool _isTurn;

    /// <summary>The last stream that the client has opened.</summary>
    public int Last { get; private set; }

    /// <summary>Fields have begun and are not there to their end.</summary>
    public bool IsInBlock => _block.Stream != 0;

    /// <summary>Does what a frame says.</summary>
    /// <exception cref="ConnectionFault">It may not be.</exception>
    public void Take(FrameHead head, ReadOnlySequence<byte> payload)
    {
        if (!_hasBegun && (head.Type != FrameType.Settings || head.Has(FrameFlags.Ack)))
        {
            throw Wrong("It does not begin with settings.");
        }

        _hasBegun = true;
        if (IsInBlock != (head.Type == FrameType.Continuation))
        {
            throw Wrong("Fields with something in between.");
        }

        switch (head.Type)
        {
            case FrameType.Data:
                Data(head, payload);
                break;
            case FrameType.Headers or FrameType.Continuation:
                Headers(head, payload);
                break;
            case FrameType.Priority:
                Check(head, 5, isOfStream: true);
                break;
            case FrameType.ResetStream:
                Check(head, 4, isOfStream: true);
                Reset(head.Stream, Number(payload));
                break;
            case FrameType.Settings:
                Settings(head, payload);
                break;
            case FrameType.PushPromise:
                throw Wrong("A client that pushes.");
            case FrameType.Ping:
                Check(head, 8, isOfStream: false);
                Ping(head, payload);
                break;
            case FrameType.GoAway:
                Check(head, Math.Max(8, head.Length), isOfStream: false);
                owner.End();
                break;
            case FrameType.WindowUpdate:
                Check(head, 4, isOfStream: head.Stream != 0);
                WindowUpdate(head.Stream, (int)(Number(payload) & int.MaxValue));
                break;
        }
    }

    private static ConnectionFault Wrong(string reason) => new(ErrorCode.Protocol, reason);

    private static uint Number(ReadOnlySequence<byte> payload)
    {
        Span<byte> number = stackalloc byte[4];
        payload.CopyTo(number);
        return BinaryPrimitives.ReadUInt32BigEndian(number);
    }

    private static void Check(FrameHead head, int length, bool isOfStream)
    {
        if (head.Stream != 0 != isOfStream)
        {
            throw Wrong("A frame of the wrong stream.");
        }

        if (head.Length != length)
        {
            throw new ConnectionFault(ErrorCode.FrameSize, "A frame of the wrong length.");
        }
    }

    private void Headers(FrameHead head, ReadOnlySequence<byte> payload)
    {
        _block.Add(head, payload);
        if (!head.Has(FrameFlags.EndHeaders))
        {
            return;
        }

        var (id, endsStream) = (_block.Stream, _block.EndsStream);
        var stream = streams.Rent();
        _decoder.Decode(_block.Bytes, stream.Fields);
        _block.Clear();
        if (id <= Last)
        {
            Trailers(id, stream.Fields, endsStream);
            streams.Return(stream);
            return;
        }

        if (id % 2 == 0)
        {
            throw Wrong("A stream of the wrong number.");
        }

        Last = id;
        Open(id, stream, endsStream);
    }

    private void Open(int id, FrontStream stream, bool endsStream)
    {
        if (owner.MayOpen)
        {
            if (endsStream && streams.TryServe(stream, id))
            {
                return;
            }

            if (owner.Relay is { IsLeaving: false } relay)
            {
                relay.Open(id, stream.Fields, endsStream);
                streams.Return(stream);
                return;
            }
        }

        Refuse(id);
        streams.Return(stream);
    }

    // Section 8.7: nothing was done for it, and the client may ask again.
    private void Refuse(int id)
    {
        client.Output.Reset(id, ErrorCode.RefusedStream);
        _refused.Enqueue(id);
        if (_refused.Count > MostRefused)
        {
            _refused.Dequeue();
        }
    }

    private void Trailers(int id, FieldList fields, bool endsStream)
    {
        if (owner.Running?.Knows(id) is true)
        {
            owner.Running.Trailers(id, fields, endsStream);
        }
        else if (!_refused.Contains(id))
        {
            throw new ConnectionFault(ErrorCode.StreamClosed, "Fields of a stream that is over.");
        }
    }

    private void Data(FrameHead head, ReadOnlySequence<byte> payload)
    {
        if (head.Stream == 0 || head.Stream > Last)
        {
            throw Wrong("A body of no stream.");
        }

        if (owner.Running?.Knows(head.Stream) is true)
        {
            owner.Running.Data(head, payload);
        }
        else if (!_refused.Contains(head.Stream))
        {
            throw new ConnectionFault(ErrorCode.StreamClosed, "A body of a stream that is over.");
        }
        else
        {
            client.Output.AnswerWindow(head.Length);
        }
    }

    private void Reset(int stream, uint code)
    {
        if (stream > Last)
        {
            throw Wrong("The end of a stream that has not begun.");
        }

        if (!streams.TryTakeBack(stream))
        {
            owner.Running?.Reset(stream, code);
        }
    }

    private void Settings(FrameHead head, ReadOnlySequence<byte> payload)
    {
        if (head.Has(FrameFlags.Ack))
        {
            Check(head, 0, isOfStream: false);
            return;
        }

        Check(head, head.Length, isOfStream: false);
        var grown = client.Read(payload.ToArray());
        streams.GrowAll(grown);
        if (owner.Running is { IsOver: false } relay)
        {
            // The web server has to know before the client may take it for granted.
            relay.InitialWindow();
        }
        else
        {
            client.Output.Answer(FrameType.Settings, FrameFlags.Ack, 0, default);
        }

        if (grown > 0)
        {
            streams.WakeAll();
        }
    }

    private void Ping(FrameHead head, ReadOnlySequence<byte> payload)
    {
        if (!head.Has(FrameFlags.Ack))
        {
            Span<byte> ping = stackalloc byte[8];
            payload.CopyTo(ping);
            client.Output.Answer(FrameType.Ping, FrameFlags.Ack, 0, ping);
        }
    }

    private void WindowUpdate(int stream, int by)
    {
        if (stream > Last || (stream == 0 && by == 0))
        {
            throw Wrong("A window of nothing.");
        }

        if (stream != 0)
        {
            if (!streams.TryGrow(stream, by))
            {
                owner.Running?.WindowUpdate(stream, by);
            }

            return;
        }

        // Whose turn it is has what there is: neither side takes all of it for ever.
        client.Window.Grow(by);
        _isTurn = !_isTurn;
        if (_isTurn)
        {
            owner.Running?.Send();
        }

        client.Waiting.Wake(client);
        owner.Running?.Send();
    }
}
