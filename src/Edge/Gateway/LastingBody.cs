using System.IO.Pipelines;
using Edge.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Gateway;

/// <summary>
/// The body of an answer in which silence is no fault, which only shows when its head is there. YARP's forwarder has begun its clock
/// by then and cannot be told: what it cancels is not heard here, but only that the client leaves.
/// </summary>
internal sealed class LastingBody(IHttpResponseBodyFeature inner, CancellationToken left) : UnseekableStream, IHttpResponseBodyFeature
{
    private PipeWriter? _writer;

    public override bool CanWrite => true;

    Stream IHttpResponseBodyFeature.Stream => this;

    PipeWriter IHttpResponseBodyFeature.Writer => _writer ??= PipeWriter.Create(this, new StreamPipeWriterOptions(leaveOpen: true));

    /// <summary>Lets an answer last if it is a stream of events (HTML, section 9.2).</summary>
    /// <param name="context">The request.</param>
    /// <param name="mayBeSilent">For however long; else only the time of the whole request is lifted, which no such stream could keep.</param>
    /// <returns>Whether it may be silent; who reads it from the destination has to bear that as well.</returns>
    public static bool Begin(HttpContext context, bool mayBeSilent)
    {
        if (context.Response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) is not true)
        {
            return false;
        }

        RequestDeadline.Lift(context);
        if (!mayBeSilent)
        {
            return false;
        }

        context.Features.Set<IHttpResponseBodyFeature>(new LastingBody(context.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), context.RequestAborted));
        return true;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.Stream.WriteAsync(buffer, left);

    public override void Write(byte[] buffer, int offset, int count) => inner.Stream.Write(buffer, offset, count);

    public override void Flush() => inner.Stream.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.Stream.FlushAsync(left);

    public void DisableBuffering() => inner.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => inner.StartAsync(left);

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => inner.SendFileAsync(path, offset, count, left);

    public async Task CompleteAsync()
    {
        if (_writer is not null)
        {
            await _writer.CompleteAsync();
        }

        await inner.CompleteAsync();
    }
}
