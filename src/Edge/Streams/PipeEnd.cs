using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Edge.Streams;

/// <summary>A connection that the gateway's listener accepted, as one side of a relay.</summary>
internal sealed class PipeEnd(ConnectionContext connection) : IStreamEnd
{
    private readonly PipeReader _input = connection.Transport.Input;
    private readonly PipeWriter _output = connection.Transport.Output;
    private volatile bool _hasEnded;

    public IPEndPoint? Remote => connection.RemoteEndPoint as IPEndPoint;

    public IPEndPoint? Local => connection.LocalEndPoint as IPEndPoint;

    public async ValueTask WaitAsync(CancellationToken cancel)
    {
        if (!_hasEnded)
        {
            var read = await _input.ReadAsync(cancel).ConfigureAwait(false);
            _input.AdvanceTo(read.Buffer.Start);
        }
    }

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        if (_hasEnded)
        {
            return 0;
        }

        var read = await _input.ReadAsync(cancel).ConfigureAwait(false);
        var taken = read.Buffer.Slice(0, Math.Min(buffer.Length, read.Buffer.Length));
        taken.CopyTo(buffer.Span);
        _input.AdvanceTo(taken.End);
        return (int)taken.Length;
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if ((await _output.WriteAsync(bytes, cancel).ConfigureAwait(false)).IsCompleted)
        {
            throw new ConnectionResetException("the client is gone");
        }
    }

    // A listener's connection has no halves that end by themselves: the client learns of the end when nobody reads any more.
    public void EndSending()
    {
        _output.Complete();
        _hasEnded = true;
        _input.CancelPendingRead();
    }
}
