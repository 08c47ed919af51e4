using Edge.Dns.Nameserver;

namespace Edge.Dns.Listeners;

/// <summary>A query that left its thread because its answer takes longer, and the way the answer goes.</summary>
/// <param name="Query">A copy of the query.</param>
/// <param name="Context">Who asks.</param>
/// <param name="Loop">The loop it came from.</param>
/// <param name="Sender">The sender's socket address in the system's form.</param>
/// <param name="Control">The control message that names the address it was sent to; empty when the socket has only one.</param>
internal sealed record DeferredDatagram(byte[] Query, QueryContext Context, IDatagramLoop Loop, byte[] Sender, byte[] Control) : IMessageSink
{
    ValueTask IMessageSink.SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        Loop.Send(this, message.Span);
        return ValueTask.CompletedTask;
    }
}
