using System.Buffers.Text;
using System.IO.Pipelines;

namespace Edge.Gateway.Front;

/// <summary>The way of a body whose length is not known (RFC 9112 section 7.1): what is put in by one call becomes one chunk.</summary>
internal sealed class ChunkedBody(PipeWriter client) : PipeWriter
{
    // Four digits and the end of their line, in front of up to 64 KiB.
    private const int Before = 6;
    private const int After = 2;
    private const int Most = 0xFFFF;

    private Memory<byte> _memory;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        _memory = client.GetMemory(sizeHint + Before + After);
        return _memory[Before..Math.Min(_memory.Length - After, Most + Before)];
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        // A chunk of no bytes is the last one.
        if (bytes > 0)
        {
            var chunk = _memory.Span;
            Utf8Formatter.TryFormat(bytes, chunk, out _, new('X', 4));
            "\r\n"u8.CopyTo(chunk[(Before - 2)..]);
            "\r\n"u8.CopyTo(chunk[(Before + bytes)..]);
            client.Advance(Before + bytes + After);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => client.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => client.CancelPendingFlush();

    /// <summary>Writes the last chunk, without trailers.</summary>
    public override void Complete(Exception? exception = null)
    {
        var end = "0\r\n\r\n"u8;
        end.CopyTo(client.GetSpan(end.Length));
        client.Advance(end.Length);
    }
}
