using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Wire;

namespace Edge.Names;

/// <summary>Asks our own name server what a client would be told: its view, its filter, names of ours and of others.</summary>
internal sealed class ClientQuestions(QueryProcessor processor)
{
    /// <summary>The data of the records of a type that the answer holds, aliases followed; none where nothing is known.</summary>
    public async Task<ImmutableArray<RData>> AskAsync(Name name, RecordType type, IPAddress client, CancellationToken cancel)
    {
        var message = new Message { Flags = MessageFlags.RecursionDesired };
        message.Questions.Add(new Question(name, type));
        var (query, answer) = (message.ToArray(), new byte[Message.MaxLength]);
        var asks = new QueryContext(ClientAddress.From(client), Transport.Tcp);
        var outcome = processor.Process(query, asks, answer, out var length);
        if (outcome == QueryOutcome.Deferred)
        {
            length = await processor.ResolveAsync(query, asks, answer, cancel);
        }

        return Message.TryParse(answer.AsSpan(0, length), out var read, out _) && read.Rcode == Rcode.NoError
            ? [.. read.Answer.Where(record => record.Type == type).Select(record => record.Data)]
            : [];
    }
}
