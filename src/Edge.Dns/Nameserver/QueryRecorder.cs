using Edge.Dns.Queries;

namespace Edge.Dns.Nameserver;

/// <summary>Notes what one thread answers, from the arrival of some queries to the answer of the last.</summary>
/// <param name="ring">Where the notes go; null where nobody keeps them.</param>
internal sealed class QueryRecorder(QueryRing? ring)
{
    /// <summary>What is noted of the query that is being answered.</summary>
    public QueryNotes Notes { get; } = new();

    /// <summary>When the queries came, in ticks of UTC; 0 where nobody wants to know.</summary>
    public long Started => ring?.Started ?? 0;

    /// <summary>Some queries have come.</summary>
    public void Begin() => ring?.Begin();

    /// <summary>The same where somebody has looked at the clock already.</summary>
    public void Begin(DateTimeOffset now) => ring?.Begin(now.UtcTicks);

    /// <summary>One of them is answered, or gets no answer; one that waits is noted by who answers it.</summary>
    public void Write(ReadOnlySpan<byte> query, ReadOnlySpan<byte> answer, in QueryContext context, QueryOutcome outcome)
    {
        if (outcome != QueryOutcome.Deferred)
        {
            ring?.Write(query, answer, context.Client.Bits, (byte)context.Transport, Notes);
        }
    }

    /// <summary>One of them would have had to wait, and there was no room for that.</summary>
    public void WriteDropped(ReadOnlySpan<byte> query, in QueryContext context)
    {
        Notes.Note(AnsweredBy.Dropped);
        Write(query, default, context, QueryOutcome.Dropped);
    }

    /// <summary>All of them are answered.</summary>
    public void End() => ring?.End();
}
