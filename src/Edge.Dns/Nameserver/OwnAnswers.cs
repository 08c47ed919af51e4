using Edge.Dns.Resolver;

namespace Edge.Dns.Nameserver;

/// <summary>Answers the rest of a chain as this client would have it answered: from our zones, the filter, the cache or elsewhere.</summary>
internal sealed class OwnAnswers(QueryProcessor processor, QueryContext context) : IRecursor
{
    // Names that stand for names that stand for names: longer ones go in a circle.
    private const int MostHops = 8;

    // A whole answer, whatever the client's transport holds.
    private readonly QueryContext _context = context with { Transport = Transport.Tcp, Hops = context.Hops + 1 };

    public bool TryAnswerFromCache(ReadOnlySpan<byte> query, Span<byte> answer, int limit, out int length)
    {
        length = 0;
        return false;
    }

    public async ValueTask<int> ResolveAsync(ReadOnlyMemory<byte> query, Memory<byte> answer, int limit, CancellationToken cancel)
    {
        if (_context.Hops > MostHops)
        {
            return ErrorAnswer.Write(query.Span, Wire.Rcode.ServFail, answer.Span);
        }

        return processor.Process(query.Span, _context, answer.Span[..limit], out var length) switch
        {
            QueryOutcome.Answered => length,
            QueryOutcome.Deferred => await processor.ResolveAsync(query, _context, answer[..limit], cancel).ConfigureAwait(false),
            _ => 0,
        };
    }
}
