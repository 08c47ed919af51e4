namespace Edge.Dns.Nameserver;

/// <summary>Answers one kind of request that is no plain question: a transfer, a NOTIFY, an UPDATE.</summary>
public interface IExchangeHandler
{
    /// <summary>
    /// Sends the answer, or several; the signature was verified before. Runs off the listeners' threads and may
    /// wait. An exception means SERVFAIL if nothing was sent yet.
    /// </summary>
    ValueTask AnswerAsync(Exchange exchange, CancellationToken cancel);
}
