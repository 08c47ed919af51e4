using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Edge.Gateway;

/// <summary>A connection as the web server has it, which takes note of when the client does not take what is written.</summary>
internal sealed class UntakenOutput(IDuplexPipe transport, Untaken untaken) : PipeWriter, IDuplexPipe
{
    private readonly PipeWriter _output = transport.Output;

    public PipeReader Input => transport.Input;

    public PipeWriter Output => this;

    public override bool CanGetUnflushedBytes => _output.CanGetUnflushedBytes;

    public override long UnflushedBytes => _output.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _output.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _output.GetSpan(sizeHint);

    public override void Advance(int bytes) => _output.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => Followed(_output.FlushAsync(cancellationToken));

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) => Followed(_output.WriteAsync(source, cancellationToken));

    public override void CancelPendingFlush() => _output.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => _output.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => _output.CompleteAsync(exception);

    private ValueTask<FlushResult> Followed(ValueTask<FlushResult> flushing) => flushing.IsCompleted ? flushing : WaitAsync(flushing);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> WaitAsync(ValueTask<FlushResult> flushing)
    {
        untaken.Begin();
        try
        {
            return await flushing.ConfigureAwait(false);
        }
        finally
        {
            untaken.End();
        }
    }
}
