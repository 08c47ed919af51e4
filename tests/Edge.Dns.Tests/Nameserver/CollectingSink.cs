using Edge.Dns.Nameserver;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>Keeps what is sent.</summary>
internal sealed class CollectingSink : IMessageSink
{
    public List<byte[]> Messages { get; } = [];

    public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        Messages.Add(message.ToArray());
        return ValueTask.CompletedTask;
    }
}
