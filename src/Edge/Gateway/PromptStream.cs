using Edge.Connections;

namespace Edge.Gateway;

/// <summary>Flushes after each write; for writing only.</summary>
internal sealed class PromptStream(Stream to) : UnseekableStream
{
    public override bool CanWrite => true;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await to.WriteAsync(buffer, cancellationToken);
        await to.FlushAsync(cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => to.FlushAsync(cancellationToken);

    public override void Flush() => to.Flush();

    public override void Write(byte[] buffer, int offset, int count)
    {
        to.Write(buffer, offset, count);
        to.Flush();
    }
}
