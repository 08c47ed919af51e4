using Edge.Dns.Queries;

namespace Edge.Dns.Resolver;

/// <summary>
/// Answers questions that lie outside our zones, for clients that may ask for that. Both methods take the client's
/// whole query and write a whole answer: the query's ID and question (case of QNAME bit for bit), RD copied, RA
/// set, AA clear, an OPT record exactly when the query has one. The caller has checked the query: QR 0, opcode
/// QUERY, one question of class IN, EDNS well-formed and of version 0.
/// </summary>
public interface IRecursor
{
    /// <summary>Another object when the settings are others, and answers given before may not hold any more.</summary>
    object? Settings => null;

    /// <summary>An answer from its cache was given once more by who remembered it.</summary>
    void CountHit()
    {
    }

    /// <summary>
    /// Answers from the cache without waiting and without allocating. Called on listener threads.
    /// </summary>
    /// <param name="query">The client's query as it came.</param>
    /// <param name="answer">Receives the answer.</param>
    /// <param name="limit">Longest answer in bytes; a longer one is cut at an RRset with TC set.</param>
    /// <param name="length">Bytes written.</param>
    /// <param name="notes">Receives who answered; null when nobody wants to know.</param>
    /// <returns>False when the cache does not know.</returns>
    bool TryAnswerFromCache(ReadOnlySpan<byte> query, Span<byte> answer, int limit, out int length, QueryNotes? notes = null);

    /// <summary>
    /// Asks the upstreams and writes the answer, at most <paramref name="limit"/> bytes, longer ones cut with TC set.
    /// When nothing can be learned the answer is SERVFAIL with an extended error: upstream trouble never throws.
    /// </summary>
    /// <param name="query">The client's query as it came; stays unchanged until the task ends.</param>
    /// <param name="answer">Receives the answer.</param>
    /// <param name="limit">Longest answer in bytes.</param>
    /// <param name="cancel">Ends the wait when the server stops.</param>
    /// <param name="notes">Receives who answered; null when nobody wants to know.</param>
    /// <returns>Bytes written.</returns>
    ValueTask<int> ResolveAsync(ReadOnlyMemory<byte> query, Memory<byte> answer, int limit, CancellationToken cancel, QueryNotes? notes = null);
}
