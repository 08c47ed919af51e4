using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Edge.Connections;

/// <summary>
/// Both directions of a stream as pipes. What is written in one turn of the loop is written to the stream together: with
/// TLS as a few full records instead of one for every 4 KiB and every frame. A connection at rest holds no buffer.
/// </summary>
internal sealed class StreamTransport : IDuplexPipe
{
    // Each piece is one write to the stream: one call of OpenSSL, one of the kernel.
    private const int Piece = 32 * 1024;
    private const int MostUnsent = 128 * 1024;

    // Who takes nothing for so long when all is said gets no more of it. Until then it may be a slow line.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly StreamPipeReaderOptions Reading = new(bufferSize: 4096, minimumReadSize: 1024, leaveOpen: true, useZeroByteReads: true);

    private readonly Stream _stream;
    private readonly LoopStream? _plain;
    private readonly TurnEndScheduler _turn;
    private readonly LoopConnection _connection;
    private readonly PipeReader _written;
    private readonly Task _writing;

    /// <param name="stream">The stream, of the connection or around it.</param>
    /// <param name="connection">The connection; it is aborted when a write fails.</param>
    public StreamTransport(Stream stream, LoopConnection connection)
    {
        (_stream, _plain, _connection) = (stream, stream as LoopStream, connection);
        _turn = new TurnEndScheduler(connection.Loop);
        Input = PipeReader.Create(stream, Reading);
        var pipe = new Pipe(new PipeOptions(
            readerScheduler: _turn,
            writerScheduler: PipeScheduler.Inline,
            pauseWriterThreshold: MostUnsent,
            resumeWriterThreshold: MostUnsent / 2,
            minimumSegmentSize: Piece,
            useSynchronizationContext: false));
        (Output, _written) = (pipe.Writer, pipe.Reader);
        _writing = WriteAsync();
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>Writes what was flushed without waiting for the end of the turn: it is much, and lies in the processor's cache now.</summary>
    public void WriteNow() => _turn.RunNow();

    /// <summary>Ends both directions when what was written has left, or the client takes it no more.</summary>
    public async ValueTask CompleteAsync()
    {
        await Output.CompleteAsync().ConfigureAwait(false);
        if (!_writing.IsCompleted)
        {
            try
            {
                await _writing.WaitAsync(Patience).ConfigureAwait(false);
            }
            catch (TimeoutException late)
            {
                _connection.Abort(new ConnectionAbortedException("The client takes no more.", late));
                await _writing.ConfigureAwait(false);
            }
        }

        await Input.CompleteAsync().ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                var result = await _written.ReadAsync().ConfigureAwait(false);
                var bytes = result.Buffer;
                var pieces = bytes.GetEnumerator();
                while (pieces.MoveNext())
                {
                    var piece = pieces.Current;
                    if (_plain is not null && pieces.MoveNext())
                    {
                        await _plain.WriteAsync(piece, pieces.Current).ConfigureAwait(false);
                    }
                    else if (!piece.IsEmpty)
                    {
                        await _stream.WriteAsync(piece).ConfigureAwait(false);
                    }
                }

                _written.AdvanceTo(bytes.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Who writes sees that nobody reads any more.
            _connection.Abort(new ConnectionAbortedException("The client takes no more.", gone));
        }
        finally
        {
            await _written.CompleteAsync().ConfigureAwait(false);
        }
    }
}
