using System.Net;

namespace Edge.Streams;

/// <summary>One side of a connection that is relayed.</summary>
internal interface IStreamEnd
{
    IPEndPoint? Remote { get; }

    IPEndPoint? Local { get; }

    /// <summary>Completes when there is something to receive, or the end. No buffer is held meanwhile.</summary>
    ValueTask WaitAsync(CancellationToken cancel);

    /// <summary>Receives what there is; 0 at the end.</summary>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancel);

    /// <summary>Sends all of it.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel);

    /// <summary>Says that nothing more will be sent; receiving goes on.</summary>
    void EndSending();
}
