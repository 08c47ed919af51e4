namespace Edge.Dns.Nameserver;

/// <summary>Where the answers to one query go: a datagram's sender, or a stream.</summary>
public interface IMessageSink
{
    /// <summary>
    /// Sends one message without a length prefix; ends when there is room for the next one. The bytes may be reused
    /// then. Over UDP only the first message of a query is meant to be sent.
    /// </summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel);
}
