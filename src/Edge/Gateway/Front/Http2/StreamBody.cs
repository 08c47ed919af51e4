using System.Runtime.CompilerServices;
using Edge.Connections;
using Edge.Gateway.Straight;

namespace Edge.Gateway.Front.Http2;

/// <summary>
/// Carries the body of an answer to a stream: from the destination's socket into the frames, as far as the client takes it.
/// What it does not take stays with the destination (RFC 9113 section 5.2). The counterpart of <see cref="BodyCopy"/>.
/// </summary>
internal sealed class StreamBody(FrontStream stream, StraightConnection from)
{
    // Less is not asked of the output: what is left of a piece of it is used up.
    private const int Least = 2048;

    private byte[] _trailers = [];

    private TimeProvider Time => stream.Door.Books.Time;

    /// <summary>Copies the body that a head announces.</summary>
    /// <returns>Whether it came to its end.</returns>
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    public async ValueTask<CopyEnd> CopyAsync(HeadState head)
    {
        CopyEnd end;
        try
        {
            end = head.Body switch
            {
                BodyKind.Length => await CopyLengthAsync(head.BodyLength),
                BodyKind.Chunked => await CopyChunksAsync(),
                _ => await CopyUntilCloseAsync(),
            };
        }
        catch (IOException)
        {
            end = BrokenOff;
        }

        await new LoopHop(stream.Loop);
        if (end == CopyEnd.Whole && !stream.HasEnded)
        {
            stream.End(_trailers);
        }

        return end;
    }

    // Who broke it off: the destination, or this side.
    private CopyEnd BrokenOff => from.Broken is null && !stream.IsLeft ? CopyEnd.BrokenOff : CopyEnd.ClientGone;

    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<CopyEnd> CopyLengthAsync(long length)
    {
        while (length > 0)
        {
            var count = await MoveAsync(length, endsThere: true);
            if (count <= 0)
            {
                return BrokenOff;
            }

            length -= count;
        }

        return CopyEnd.Whole;
    }

    private async ValueTask<CopyEnd> CopyUntilCloseAsync()
    {
        int count;
        while ((count = await MoveAsync(long.MaxValue, endsThere: false)) > 0)
        {
        }

        return count == 0 ? CopyEnd.Whole : BrokenOff;
    }

    // A body in chunks (RFC 9112 section 7.1), and what follows it.
    private async ValueTask<CopyEnd> CopyChunksAsync()
    {
        var chunks = new ChunkReader();
        while (true)
        {
            var (start, end) = from.Received;
            var step = chunks.Next(from.Buffer.AsSpan(start, end - start), out var used, out var data);
            from.Received = (start + used, end);
            switch (step)
            {
                case ChunkStep.Trailer:
                    Trailer(from.Buffer.AsSpan(start, used)[(int)data..]);
                    continue;
                case ChunkStep.End:
                    return CopyEnd.Whole;
                case ChunkStep.Malformed:
                    return BrokenOff;
            }

            // A long chunk goes to the client without a way round.
            var moves = step == ChunkStep.Data || chunks.Left >= Least;
            var count = moves ? await MoveAsync(chunks.Left, endsThere: false) : await FillAsync();
            if (count <= 0)
            {
                return BrokenOff;
            }

            chunks.Took(moves ? count : 0);
        }
    }

    // So many bytes at most, as soon as the client takes some and some are there: 0 at the end, -1 when the client is gone.
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<int> MoveAsync(long most, bool endsThere)
    {
        while (true)
        {
            await new LoopHop(stream.Loop);
            if (stream.IsLeft || from.Broken is not null)
            {
                return -1;
            }

            if (stream.Room <= 0 || stream.IsSated)
            {
                stream.WaitsForClient = true;
                await stream.RoomAsync();
            }
            else if (TryMove(most, endsThere) is var count and >= 0)
            {
                from.Touch(Time.GetTimestamp());
                return count;
            }
            else
            {
                await from.ReceiveAsync(Memory<byte>.Empty);
                from.Touch(Time.GetTimestamp());
            }
        }
    }

    // -1 when nothing is there.
    private int TryMove(long most, bool endsThere)
    {
        var wanted = (int)Math.Min(Math.Min(most, stream.Room), FrameHead.MostLength);
        var room = stream.Output.GetSpan(FrameHead.Size + Math.Min(wanted, Least));
        var into = room[FrameHead.Size..];
        into = into[..Math.Min(wanted, into.Length)];
        var (start, end) = from.Received;
        int count;
        if (start < end)
        {
            count = Math.Min(into.Length, end - start);
            from.Buffer.AsSpan(start, count).CopyTo(into);
            from.Received = (start + count, end);
        }
        else
        {
            count = from.TryReceive(into);
        }

        if (count > 0)
        {
            stream.Data(room, count, endsThere && count == most);
        }

        return count;
    }

    // More of the framing; what is left of it moves to the front.
    private async ValueTask<int> FillAsync()
    {
        var (start, end) = from.Received;
        from.Buffer.AsSpan(start, end - start).CopyTo(from.Buffer);
        from.Received = (0, end - start);
        var room = from.Buffer.AsMemory(end - start);
        var count = room.IsEmpty ? 0 : await from.ReceiveAsync(room);
        from.Touch(Time.GetTimestamp());
        from.Received = (0, end - start + count);
        return count;
    }

    private void Trailer(ReadOnlySpan<byte> line)
    {
        var rest = line;
        if (ResponseHead.TrySplit(ResponseHead.NextLine(ref rest), out var name, out var value) && !value.ContainsAny(ResponseHead.Dangerous) && !HeaderTexts.StaysBehind(name))
        {
            var length = _trailers.Length;
            Array.Resize(ref _trailers, length + FieldWriter.MostOf(name.Length, value.Length));
            var writer = new FieldWriter(_trailers.AsSpan(length));
            writer.Line(name, value);
            Array.Resize(ref _trailers, length + writer.Length);
        }
    }
}
