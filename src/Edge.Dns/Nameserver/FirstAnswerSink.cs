namespace Edge.Dns.Nameserver;

/// <summary>Passes answers on, and remembers how the first of them begins: it says what became of the query.</summary>
internal sealed class FirstAnswerSink(IMessageSink sink) : IMessageSink
{
    private const int Kept = 512;

    /// <summary>The beginning of the first answer; empty while there is none.</summary>
    public byte[] Answer { get; private set; } = [];

    public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        if (Answer.Length == 0)
        {
            Answer = message[..Math.Min(message.Length, Kept)].ToArray();
        }

        return sink.SendAsync(message, cancel);
    }
}
