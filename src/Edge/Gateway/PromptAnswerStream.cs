using Edge.Connections;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>Sends what there is of an answer, which is its head, before it waits for the first byte of the body; for reading only.</summary>
/// <param name="from">The body.</param>
/// <param name="answer">Where the head is.</param>
/// <param name="left">Nothing else ends the waiting; null where the reader's own clock does, see <see cref="LastingBody"/>.</param>
internal sealed class PromptAnswerStream(Stream from, HttpResponse answer, CancellationToken? left) : UnseekableStream
{
    private bool _hasBegun;

    public override bool CanRead => true;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken = left ?? cancellationToken;
        var reading = from.ReadAsync(buffer, cancellationToken);
        if (_hasBegun || reading.IsCompleted)
        {
            // A read of nothing, by which YARP waits for something, may be over at once and say nothing.
            _hasBegun |= !buffer.IsEmpty;
            return reading;
        }

        _hasBegun = true;
        return SendAndReadAsync(reading, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            from.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> SendAndReadAsync(ValueTask<int> reading, CancellationToken cancel)
    {
        try
        {
            await answer.Body.FlushAsync(cancel);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The client has left, for which the destination is not to blame: whoever writes next is told.
        }
        catch
        {
            // The buffer is the reader's until it is done with it.
            await Task.WhenAny(reading.AsTask());
            throw;
        }

        return await reading;
    }
}
