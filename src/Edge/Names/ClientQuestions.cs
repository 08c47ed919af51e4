using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;

namespace Edge.Names;

/// <summary>Asks our own name server what a client would be told: its view, its filter, names of ours and of others.</summary>
/// <param name="processor">The name server.</param>
/// <param name="forwarder">Knows names of others.</param>
/// <param name="isOurs">Whether a name lies in a zone of ours.</param>
internal sealed class ClientQuestions(QueryProcessor processor, Forwarder forwarder, Func<Name, bool> isOurs)
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

    /// <summary>The same for a name of others as it is now, whatever is remembered of it; an alias that leads to us ends in what the client would be told.</summary>
    public async Task<ImmutableArray<RData>> AskAnewAsync(Name name, RecordType type, IPAddress client, CancellationToken cancel)
    {
        if (isOurs(name))
        {
            return await AskAsync(name, type, client, cancel);
        }

        var answer = (await forwarder.AskAnewAsync(name, type, cancel)).Answer;
        var end = name;
        for (var step = 0; step < answer.Count && answer.Find(record => record.Type == RecordType.CNAME && record.Owner == end) is { } alias; step++)
        {
            end = Name.FromWire(alias.Data.Wire);
        }

        return isOurs(end) ? await AskAsync(end, type, client, cancel) : [.. answer.Where(record => record.Type == type && record.Owner == end).Select(record => record.Data)];
    }
}
