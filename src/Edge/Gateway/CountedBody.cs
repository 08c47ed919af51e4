using System.Diagnostics;
using System.IO.Pipelines;
using Edge.Connections;
using Edge.Observability.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Gateway;

/// <summary>Counts the bytes of an answer whose length is not known before, or so large that it may break off on its way.</summary>
internal sealed class CountedBody(IHttpResponseBodyFeature inner, RequestRecord record) : UnseekableStream, IHttpResponseBodyFeature
{
    // What is smaller goes into the sockets at once: its length is what was sent.
    public const long Large = 64 * 1024;

    private PipeWriter? _writer;

    public override bool CanWrite => true;

    Stream IHttpResponseBodyFeature.Stream => this;

    PipeWriter IHttpResponseBodyFeature.Writer => _writer ??= PipeWriter.Create(this, new StreamPipeWriterOptions(leaveOpen: true));

    /// <summary>Begins to count, once the header of the answer is known.</summary>
    public static void Begin(HttpContext context)
    {
        // What follows 101 is no body.
        if (context.Response is { StatusCode: not StatusCodes.Status101SwitchingProtocols, ContentLength: null or > Large })
        {
            Count(context);
        }
    }

    /// <summary>Counts whatever comes, where its header is not known yet or is not the last word.</summary>
    public static void Count(HttpContext context)
    {
        if (RequestRecord.Of(context) is { IsCounting: false } record)
        {
            record.IsCounting = true;
            context.Features.Set<IHttpResponseBodyFeature>(new CountedBody(context.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), record));
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await inner.Stream.WriteAsync(buffer, cancellationToken);
        record.Written += buffer.Length;
        record.Moved = Stopwatch.GetTimestamp();
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        inner.Stream.Write(buffer, offset, count);
        record.Written += count;
    }

    public override void Flush() => inner.Stream.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.Stream.FlushAsync(cancellationToken);

    public void DisableBuffering() => inner.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => inner.StartAsync(cancellationToken);

    // Piece by piece: it may break off. So does the web server, too.
    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => SendFileFallback.SendFileAsync(this, path, offset, count, cancellationToken);

    public async Task CompleteAsync()
    {
        if (_writer is not null)
        {
            await _writer.CompleteAsync();
        }

        await inner.CompleteAsync();
    }
}
