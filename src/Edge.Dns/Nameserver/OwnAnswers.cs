using Edge.Dns.Queries;
using Edge.Dns.Resolver;

namespace Edge.Dns.Nameserver;

/// <summary>Answers the rest of a chain as this client would have it answered: from our zones, the filter, the cache or elsewhere.</summary>
internal sealed class OwnAnswers(QueryProcessor processor, QueryContext context) : IRecursor
{
    // Names that stand for names that stand for names: longer ones go in a circle.
    private const int MostHops = 8;

    // A whole answer, whatever the client's transport holds.
    private readonly QueryContext _context = context with { Transport = Transport.Tcp, Hops = context.Hops + 1 };

    public bool TryAnswerFromCache(ReadOnlySpan<byte> query, Span<byte> answer, int limit, out int length, QueryNotes? notes = null)
    {
        length = 0;
        return false;
    }

    public async ValueTask<int> ResolveAsync(ReadOnlyMemory<byte> query, Memory<byte> answer, int limit, CancellationToken cancel, QueryNotes? notes = null)
    {
        notes ??= new QueryNotes();
        if (_context.Hops > MostHops)
        {
            return ErrorAnswer.Write(query.Span, Wire.Rcode.ServFail, answer.Span);
        }

        return processor.ProcessAnew(query.Span, _context, notes, answer.Span[..limit], out var length, out _) switch
        {
            QueryOutcome.Answered => length,
            QueryOutcome.Deferred => await processor.ResolveNotingAsync(query, _context, notes, answer[..limit], cancel).ConfigureAwait(false),
            _ => 0,
        };
    }
}
