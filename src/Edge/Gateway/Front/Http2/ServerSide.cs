using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Edge.Connections;

namespace Edge.Gateway.Front.Http2;

/// <summary>Writes frames to the web server as a client of its own would.</summary>
internal sealed class ServerSide(PipeWriter pipe, EventLoop loop)
{
    /// <summary>What it may have sent and not seen taken: so much is held for a client without room.</summary>
    public const int Window = 128 * 1024;

    private const int SettingSize = 6;

    private bool _isWritten;
    private bool _isOver;
    private Task _flushing = Task.CompletedTask;

    /// <summary>What every client begins with (RFC 9113 section 3.4).</summary>
    /// <param name="initialWindow">What the client takes of a stream that begins.</param>
    public void Begin(int initialWindow)
    {
        Preface.Bytes.CopyTo(pipe.GetSpan(Preface.Bytes.Length));
        pipe.Advance(Preface.Bytes.Length);
        Span<byte> settings = stackalloc byte[2 * SettingSize];
        Put(settings, Setting.HeaderTableSize, 0);
        Put(settings[SettingSize..], Setting.InitialWindowSize, (uint)initialWindow);
        Frame(FrameType.Settings, FrameFlags.None, 0, settings);
        Number(FrameType.WindowUpdate, 0, Window - SendWindow.Initial);
    }

    /// <summary>The client takes more, or less, of each stream; the answer is the client's.</summary>
    public void InitialWindow(int window)
    {
        Span<byte> settings = stackalloc byte[SettingSize];
        Put(settings, Setting.InitialWindowSize, (uint)window);
        Frame(FrameType.Settings, FrameFlags.None, 0, settings);
    }

    /// <summary>The fields of a request, or of its end.</summary>
    public void Headers(int stream, bool endsStream, FieldList fields)
    {
        var block = ArrayPool<byte>.Shared.Rent(fields.Size + (fields.Count * FieldWriter.MostOf(0, 0)));
        var writer = new FieldWriter(block);
        for (var i = 0; i < fields.Count; i++)
        {
            writer.Field(fields.Name(i), fields.Value(i), fields.IsSecret(i));
        }

        var (type, flags) = (FrameType.Headers, endsStream ? FrameFlags.EndStream : FrameFlags.None);
        var rest = block.AsSpan(0, writer.Length);
        while (rest.Length > FrameHead.MostLength)
        {
            Frame(type, flags, stream, rest[..FrameHead.MostLength]);
            (type, flags) = (FrameType.Continuation, FrameFlags.None);
            rest = rest[FrameHead.MostLength..];
        }

        Frame(type, (byte)(flags | FrameFlags.EndHeaders), stream, rest);
        ArrayPool<byte>.Shared.Return(block);
    }

    public void Data(byte flags, int stream, ReadOnlySequence<byte> payload)
    {
        if (_isOver)
        {
            return;
        }

        var length = (int)payload.Length;
        var span = pipe.GetSpan(FrameHead.Size + length);
        new FrameHead(length, FrameType.Data, flags, stream).Write(span);
        payload.CopyTo(span[FrameHead.Size..]);
        pipe.Advance(FrameHead.Size + length);
        _isWritten = true;
    }

    public void Number(FrameType type, int stream, uint value)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(payload, value);
        Frame(type, FrameFlags.None, stream, payload);
    }

    public void Frame(FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        if (_isOver)
        {
            return;
        }

        var span = pipe.GetSpan(FrameHead.Size + payload.Length);
        new FrameHead(payload.Length, type, flags, stream).Write(span);
        payload.CopyTo(span[FrameHead.Size..]);
        pipe.Advance(FrameHead.Size + payload.Length);
        _isWritten = true;
    }

    /// <summary>The client is gone. What is written from now on nobody reads.</summary>
    public ValueTask CompleteAsync()
    {
        _isOver = true;
        return pipe.CompleteAsync();
    }

    /// <summary>Gives it what was written. Ends when it takes more.</summary>
    public Task FlushAsync() => !_flushing.IsCompleted ? _flushing : _isWritten ? _flushing = FlushAllAsync() : Task.CompletedTask;

    // What is written meanwhile goes with it.
    private async Task FlushAllAsync()
    {
        while (_isWritten && !_isOver)
        {
            _isWritten = false;
            await pipe.FlushAsync();
            await new LoopHop(loop);
        }
    }

    private static void Put(Span<byte> into, Setting setting, uint value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(into, (ushort)setting);
        BinaryPrimitives.WriteUInt32BigEndian(into[2..], value);
    }
}
