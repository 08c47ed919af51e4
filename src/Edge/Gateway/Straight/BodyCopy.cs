using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using Edge.Connections;
using Edge.Observability.Requests;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway.Straight;

/// <summary>
/// Carries the body of an answer to the client as it comes: before each wait for the destination, and at the end, the client is
/// given what is there.
/// </summary>
/// <param name="client">Where the body goes.</param>
/// <param name="isStream">It is a stream of HTTP/2.</param>
/// <param name="record">Counts its bytes; null where nobody does.</param>
/// <param name="trailers">Where trailers go; null where there is no place for them.</param>
/// <param name="connection">Where it comes from.</param>
/// <param name="time">The clock.</param>
/// <param name="transport">The client's own connection, where <paramref name="client"/> is that and nothing comes in between; null for none.</param>
internal sealed class BodyCopy(
    PipeWriter client, bool isStream, RequestRecord? record, HttpResponse? trailers, StraightConnection connection, TimeProvider time, StreamTransport? transport = null)
{
    // A read is as long as a write to the client's connection.
    private const int Piece = 32 * 1024;

    // Where the destination sends faster than it is read: as few reads and writes as may be. With what stands around a chunk it fills
    // an array of the pool.
    private const int LargePiece = (64 * 1024) - 16;

    // So much is written at once, while the processor has it at hand.
    private const int Much = 16 * 1024;

    // In the place of a size: into the connection's own buffer, where sizes of chunks and trailers are read.
    private const int Framing = 0;

    // So much may be there without a wait before a stream of HTTP/2 is given it: each time it is, other threads have to run.
    // A connection of its own puts together by itself what it is given in one turn.
    private const int MostUnsent = 64 * 1024;

    // Asked for less, a stream of HTTP/2 gives room for 4 KiB at a time; a connection gives what is left of a piece.
    private readonly int _room = isStream ? Piece : 4096;
    private readonly int _mostUnsent = isStream ? MostUnsent : transport is not null ? LargePiece : 0;
    private readonly PipeWriter _client = connection.Client = client;
    private int _unsent;

    // The last read filled the room that it had. Only then the next one is given much: what a slow destination sends bit by bit
    // would take a large piece for each bit.
    private bool _wasFull = connection.Received.End == connection.Buffer.Length;

    /// <summary>Copies the body that a head announces.</summary>
    /// <returns>Whether it came to its end.</returns>
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    public async ValueTask<CopyEnd> CopyAsync(HeadState head)
    {
        try
        {
            return head.Body switch
            {
                BodyKind.Length => await CopyLengthAsync(head.BodyLength),
                BodyKind.Chunked => await CopyChunksAsync(),
                _ => await CopyUntilCloseAsync(),
            };
        }
        catch (IOException)
        {
            return await BreakOffAsync();
        }
    }

    // A body of that many bytes.
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<CopyEnd> CopyLengthAsync(long length)
    {
        length -= TakeReceived(length);
        while (length > 0)
        {
            // Room for one byte more than there is to come: a read that does not fill it has emptied the socket, and nobody has to ask.
            var count = await ReadAsync((int)Math.Min(length, LargePiece - 1) + 1, length);
            if (count <= 0)
            {
                return await EndOfAsync(count);
            }

            length -= count;
        }

        return await FinishAsync();
    }

    // All that comes until the destination closes the connection.
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<CopyEnd> CopyUntilCloseAsync()
    {
        TakeReceived(long.MaxValue);
        int count;
        while ((count = await ReadAsync(LargePiece)) > 0)
        {
        }

        return count == 0 ? await FinishAsync() : CopyEnd.ClientGone;
    }

    // A body in chunks (RFC 9112 section 7.1), and what follows it.
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<CopyEnd> CopyChunksAsync()
    {
        var chunks = new ChunkReader();
        while (true)
        {
            var (start, end) = connection.Received;
            var step = chunks.Next(connection.Buffer.AsSpan(start, end - start), out var used, out var data);
            connection.Received = (start + used, end);
            switch (step)
            {
                case ChunkStep.Data:
                    chunks.Took(TakeReceived(data));
                    continue;
                case ChunkStep.Trailer:
                    Trailer(connection.Buffer.AsSpan(start, used)[(int)data..]);
                    continue;
                case ChunkStep.End:
                    return await FinishAsync();
                case ChunkStep.Malformed:
                    return await BreakOffAsync();
            }

            // A long chunk goes to the client without a way round.
            var direct = chunks.Left >= Piece && connection.Received is (var from, var until) && from == until;
            var count = direct ? await ReadAsync((int)Math.Min(chunks.Left, LargePiece)) : await FillAsync();
            if (count <= 0)
            {
                return await EndOfAsync(count);
            }

            chunks.Took(direct ? count : 0);
        }
    }

    // It ends before its end: what was good before stays the client's.
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<CopyEnd> BreakOffAsync() => connection.Broken is null && await FlushAsync() ? CopyEnd.BrokenOff : CopyEnd.ClientGone;

    private ValueTask<CopyEnd> EndOfAsync(int count) => count < 0 ? new ValueTask<CopyEnd>(CopyEnd.ClientGone) : BreakOffAsync();

    /// <summary>Gives the client bytes that go with the next ones, or with the end. Asked for no size, the server gives no room.</summary>
    public static void Put(ReadOnlySpan<byte> bytes, PipeWriter client)
    {
        if (!bytes.IsEmpty)
        {
            bytes.CopyTo(client.GetSpan(bytes.Length));
            client.Advance(bytes.Length);
        }
    }

    // What came with the head, or with a chunk before.
    private long TakeReceived(long most)
    {
        var (start, end) = connection.Received;
        var count = (int)Math.Min(most, end - start);
        if (count > 0)
        {
            Put(connection.Buffer.AsSpan(start, count), _client);
            connection.Received = (start + count, end);
            Count(count);
        }

        return count;
    }

    // The server sends what is left by itself only where nothing was sent before.
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<CopyEnd> FinishAsync() => await FlushAsync() ? CopyEnd.Whole : CopyEnd.ClientGone;

    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<bool> FlushAsync()
    {
        var flushing = _client.FlushAsync(CancellationToken.None);
        if (_unsent >= Much)
        {
            transport?.WriteNow();
        }

        _unsent = 0;
        var flushed = await flushing;
        connection.Touch(time.GetTimestamp());
        return !flushed.IsCompleted && !flushed.IsCanceled;
    }

    // From the destination into the client's own memory: -1 when the client is gone, 0 at the end.
    private ValueTask<int> ReadAsync(int size, long most = long.MaxValue) => ReceiveAsync(size, most);

    // More of the framing; what is left of it moves to the front.
    private ValueTask<int> FillAsync()
    {
        var (start, end) = connection.Received;
        connection.Buffer.AsSpan(start, end - start).CopyTo(connection.Buffer);
        connection.Received = (0, end - start);
        return Room(Framing).IsEmpty ? ValueTask.FromResult(0) : ReceiveAsync(Framing, long.MaxValue);
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<int> ReceiveAsync(int size, long most)
    {
        var room = Memory<byte>.Empty;
        var count = _unsent < _mostUnsent && connection.HasNews ? connection.TryReceive((room = Room(size)).Span) : -1;
        if (count < 0 && !await FlushAsync())
        {
            return -1;
        }

        while (count < 0)
        {
            await connection.WaitAsync();
            count = connection.TryReceive((room = Room(size)).Span);
        }

        connection.Touch(time.GetTimestamp());
        if (size == Framing)
        {
            connection.Received = (connection.Received.Start, connection.Received.End + count);
            return count;
        }

        _wasFull = count == room.Length;
        if (count > most)
        {
            // More than it has announced is not the client's: the connection is not used again.
            connection.Buffer[0] = room.Span[(int)most];
            (connection.Received, count) = ((0, 1), (int)most);
        }

        _client.Advance(count);
        Count(count);
        return count;
    }

    private Memory<byte> Room(int size)
    {
        if (size == Framing)
        {
            return connection.Buffer.AsMemory(connection.Received.End);
        }

        var isLarge = _wasFull && transport is not null;
        size = isLarge ? size : Math.Min(size, Piece);
        var memory = _client.GetMemory(isLarge ? size : Math.Min(size, _room));
        return memory.Length > size ? memory[..size] : memory;
    }

    private void Trailer(ReadOnlySpan<byte> line)
    {
        var rest = line;
        if (trailers is not null && ResponseHead.TrySplit(ResponseHead.NextLine(ref rest), out var name, out var value) && !value.ContainsAny(ResponseHead.Dangerous))
        {
            var text = Encoding.ASCII.GetString(name);
            if (!HeaderTexts.StaysBehind(text))
            {
                trailers.AppendTrailer(text, Encoding.Latin1.GetString(value));
            }
        }
    }

    private void Count(int bytes)
    {
        _unsent += bytes;
        if (record is not null)
        {
            record.Written += bytes;
        }
    }
}
