using Edge.Dns.Queries;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;

namespace Edge.Dns.Tests.Queries;

/// <summary>Answers every question with its header, at once or only to who waits, and says how.</summary>
internal sealed class NotingRecursor(AnsweredBy by, string? source, bool waits) : IRecursor
{
    public bool TryAnswerFromCache(ReadOnlySpan<byte> query, Span<byte> answer, int limit, out int length, QueryNotes? notes = null)
    {
        length = waits ? 0 : Answer(query, answer, notes);
        return !waits;
    }

    public ValueTask<int> ResolveAsync(ReadOnlyMemory<byte> query, Memory<byte> answer, int limit, CancellationToken cancel, QueryNotes? notes = null) =>
        ValueTask.FromResult(Answer(query.Span, answer.Span, notes));

    private int Answer(ReadOnlySpan<byte> query, Span<byte> answer, QueryNotes? notes)
    {
        notes?.Note(by, source);
        query.CopyTo(answer);
        answer[2] |= (byte)((ushort)MessageFlags.Response >> 8);
        return query.Length;
    }
}
