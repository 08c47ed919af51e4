using Edge.Dns.Queries;
using Edge.Dns.Wire;

namespace Edge.Dns.Nameserver;

/// <summary>
/// Answers UDP queries from memory where the same bytes were asked before in the same view, and has them answered
/// otherwise. The guards that depend on the client are kept: its view, its proof, its limit.
/// </summary>
internal sealed class RememberedAnswers(QueryProcessor processor, OptionDesk desk, TimeProvider time)
{
    private readonly AnswerMemory _memory = new();

    /// <summary>Takes note of the time; once for many queries.</summary>
    /// <param name="recorder">Takes note of it as well.</param>
    public void Renew(QueryRecorder recorder)
    {
        var now = time.GetUtcNow();
        _memory.Renew(now);
        recorder.Begin(now);
    }

    /// <summary>What <see cref="Process"/> needs; said early for many queries, their answers are under way to the cache all at once.</summary>
    public ulong Anticipate(ReadOnlySpan<byte> query) => _memory.Anticipate(query);

    /// <summary>As <see cref="QueryProcessor.Process"/>, over UDP.</summary>
    /// <param name="key">What <see cref="Anticipate"/> said.</param>
    /// <param name="query">The query.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="client">What this thread knows of who asked last.</param>
    /// <param name="recorder">Notes it.</param>
    /// <param name="answer">Room for the answer, 1232 bytes or more.</param>
    /// <param name="length">Bytes to send.</param>
    public QueryOutcome Process(ulong key, ReadOnlySpan<byte> query, in QueryContext context, ref KnownClient client, QueryRecorder recorder, Span<byte> answer, out int length)
    {
        var outcome = Answer(key, query, context, ref client, recorder.Notes, answer, out length);
        recorder.Write(query, answer[..length], context, outcome);
        return outcome;
    }

    private QueryOutcome Answer(ulong key, ReadOnlySpan<byte> query, in QueryContext context, ref KnownClient client, QueryNotes notes, Span<byte> answer, out int length)
    {
        if (key == 0 || processor.IsBanned(context.Client) || !processor.TryTakeSnapshot(out var snapshot) || (!client.IsOf(context, snapshot) && !TryLearn(context, snapshot, ref client)))
        {
            return processor.ProcessAnew(query, context, notes, answer, out length, out _);
        }

        if (_memory.TryRecall(key, snapshot.Number, client.View, query, answer, out length, out var ages))
        {
            notes.Note(ages ? AnsweredBy.Cache : AnsweredBy.Zone);
            if (ages)
            {
                processor.CountHit();
            }

            notes.View = client.View;
            return client.GetsAll ? QueryOutcome.Answered : Limit(query, context, snapshot, notes, answer, ref length);
        }

        var outcome = processor.ProcessAnew(query, context, notes, answer, out length, out var age);
        if (age.Seconds > 0)
        {
            // Should the zones have changed in between, the newer answer is kept under a number that nobody asks for any more.
            _memory.Keep(key, snapshot.Number, client.View, query, answer[..length], age);
        }

        return outcome;
    }

    // False for who is not answered from memory: no view is theirs, or they have not proved where they are.
    private bool TryLearn(in QueryContext context, ServingSnapshot snapshot, ref KnownClient client)
    {
        var view = snapshot.ViewOf(context, default, out _);
        if (view < 0 || desk.MustProve(context, default, snapshot.Views))
        {
            return false;
        }

        client.Learn(context, snapshot, view, getsAll: !desk.Counts(context, default, snapshot.Views));
        return true;
    }

    private QueryOutcome Limit(ReadOnlySpan<byte> query, in QueryContext context, ServingSnapshot snapshot, QueryNotes notes, Span<byte> answer, ref int length)
    {
        switch (desk.Limit(context, default, snapshot.Views, answer[..length]))
        {
            case RateVerdict.Drop:
                length = 0;
                notes.Note(AnsweredBy.Dropped);
                return QueryOutcome.Dropped;
            case RateVerdict.Slip:
                notes.Note(AnsweredBy.SentBack);
                QueryMessage.TryRead(query, out var message);
                return ErrorAnswer.SendBack(query, message, default, answer, out length, out _);
            default:
                return QueryOutcome.Answered;
        }
    }
}
