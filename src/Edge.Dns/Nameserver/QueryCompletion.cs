using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Edge.Dns.Filtering;
using Edge.Dns.Queries;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;

namespace Edge.Dns.Nameserver;

/// <summary>
/// The second half of a query that could not be answered at once: it is read again, off the listener's thread, and
/// waits there for an exchange or for the resolver.
/// </summary>
internal sealed class QueryCompletion(QueryProcessor processor, IRecursor? recursor, ExchangeDesk? exchanges, OptionDesk desk, FilterDesk filter)
{
    /// <summary>As <see cref="QueryProcessor.CompleteAsync"/>.</summary>
    public async ValueTask CompleteAsync(ReadOnlyMemory<byte> query, QueryContext context, IMessageSink sink, CancellationToken cancel)
    {
        if (IsExchange(query.Span))
        {
            // A transfer or an update is work, and the thread that brought it has others to answer.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await ExchangeAsync(query, context, sink, cancel).ConfigureAwait(false);
            return;
        }

        var answer = ArrayPool<byte>.Shared.Rent(context.Transport == Transport.Udp ? Edns.SafePayloadSize : Message.MaxLength);
        try
        {
            var length = await ResolveAsync(query, context, answer, cancel).ConfigureAwait(false);
            if (length > 0)
            {
                await sink.SendAsync(answer.AsMemory(0, length), cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(answer);
        }
    }

    /// <summary>As <see cref="QueryProcessor.ResolveAsync"/>.</summary>
    public async ValueTask<int> ResolveAsync(ReadOnlyMemory<byte> query, QueryContext context, Memory<byte> answer, CancellationToken cancel)
    {
        var started = Begin(context);
        var notes = new QueryNotes();
        var length = await ResolveNotingAsync(query, context, notes, answer, cancel).ConfigureAwait(false);
        Note(started, query.Span, answer.Span[..length], context, notes);
        return length;
    }

    /// <summary>The same, noted by who calls.</summary>
    public async ValueTask<int> ResolveNotingAsync(ReadOnlyMemory<byte> query, QueryContext context, QueryNotes notes, Memory<byte> answer, CancellationToken cancel)
    {
        if (recursor is null || !TryStart(query.Span, context, answer.Length, notes, out var chain, out var target, out var judged, out var limit))
        {
            // The snapshot changed in between and the zones answer after all.
            return processor.ProcessAnew(query.Span, context, notes, answer.Span, out var length, out _) == QueryOutcome.Answered ? length : 0;
        }

        var rest = judged.LeadsElsewhere ? new OwnAnswers(processor, context) : recursor;
        var written = chain is null
            ? await recursor.ResolveAsync(query, answer, limit, cancel, notes).ConfigureAwait(false)
            : await ChainCompletion.ResolveAsync(rest, chain, target!, notes, answer, limit, cancel).ConfigureAwait(false);
        written = chain is null ? Screen(judged, query.Span, answer.Span, written, limit, notes) : written;
        if (chain is null && TryTurnHome(query.Span, answer.Span[..written], notes.View, out var turned, out var home))
        {
            written = await ChainCompletion.ResolveAsync(new OwnAnswers(processor, context), turned, home, notes, answer, limit, cancel).ConfigureAwait(false);
        }

        return written > 0 ? Close(query.Span, context, answer.Span, written) : 0;
    }

    private async ValueTask ExchangeAsync(ReadOnlyMemory<byte> query, QueryContext context, IMessageSink sink, CancellationToken cancel)
    {
        var started = Begin(context);
        var notes = new QueryNotes { By = AnsweredBy.Exchange };
        var first = new FirstAnswerSink(sink);
        await exchanges!.ServeAsync(processor, query, context, notes, first, cancel).ConfigureAwait(false);
        Note(started, query.Span, first.Answer, context, notes);
    }

    private long Begin(in QueryContext context) => context.Arrived != 0 ? context.Arrived : processor.Queries?.Shared.Begin() ?? 0;

    private void Note(long started, ReadOnlySpan<byte> query, ReadOnlySpan<byte> answer, in QueryContext context, QueryNotes notes)
    {
        notes.By = answer.IsEmpty ? AnsweredBy.Dropped : notes.By;
        processor.Queries?.Shared.Write(started, query, answer, context.Client.Bits, (byte)context.Transport, notes);
    }

    private bool IsExchange(ReadOnlySpan<byte> query) => exchanges is not null && QueryMessage.TryRead(query, out var message) && exchanges.Takes(message);

    private static int Screen(in JudgedQuestion judged, ReadOnlySpan<byte> query, Span<byte> answer, int length, int limit, QueryNotes notes) =>
        length > 0 && QueryMessage.TryRead(query, out var message) ? FilterDesk.Screen(judged, query, message, answer, length, limit, notes) : length;

    // What of the answer lies in our zones or in the settings: a chain that leaves them, or nothing at all (chain null).
    private bool TryStart(
        ReadOnlySpan<byte> query, in QueryContext context, int room, QueryNotes notes, out Message? chain, out Name? target, out JudgedQuestion judged, out int limit)
    {
        chain = null;
        target = null;
        judged = default;
        limit = 0;
        var own = new ResponseOptions(stackalloc byte[ResponseOptions.MaxLength]);
        if (!QueryMessage.TryRead(query, out var message) || !desk.TryRead(message.OptionData(query), context, ref own, out var standing)
            || !processor.TryEnter(context, standing, out var snapshot, out var view, out _))
        {
            return false;
        }

        notes.View = view;
        limit = Math.Min(message.AnswerLimit(context.Transport), room) - own.Length;
        Span<byte> buffer = stackalloc byte[Name.MaxWireLength];
        // Where the zones end does not depend on the room: a small one tells, and only a chain is written whole.
        Span<byte> small = stackalloc byte[Edns.MinPayloadSize];
        var writer = new AnswerWriter(query, message, small, small.Length);
        var end = ZoneAnswer.Write(ref writer, snapshot, snapshot.ZoneView(view), message, context.Transport, mayAsk: true, buffer, out _);
        if (end == ChaseEnd.NotOurs)
        {
            judged = filter.Judge(message, context, standing);
            target = judged.Answer?.Target;
            return target is not null ? TryBeginChain(query, message, target, out chain) : judged.Verdict.Kind is VerdictKind.None or VerdictKind.Allowed;
        }

        if (end == ChaseEnd.Answered)
        {
            return false;
        }

        var partial = new byte[Message.MaxLength];
        writer = new AnswerWriter(query, message, partial, partial.Length) { Flags = MessageFlags.RecursionAvailable };
        ZoneAnswer.Write(ref writer, snapshot, snapshot.ZoneView(view), message, context.Transport, mayAsk: true, buffer, out var length);
        target = Name.FromWire(buffer[..length]);
        return Message.TryParse(partial.AsSpan(0, writer.Finish()), out chain, out _);
    }

    // An alias of somebody else's that leads to a name of ours.
    private bool TryTurnHome(ReadOnlySpan<byte> query, ReadOnlySpan<byte> answer, int view, [NotNullWhen(true)] out Message? chain, [NotNullWhen(true)] out Name? target)
    {
        (chain, target) = (null, null);
        if (answer.IsEmpty || view < 0 || !QueryMessage.TryRead(query, out var message) || !processor.TryTakeSnapshot(out var snapshot)
            || !HomewardAlias.Leads(answer, message.QuestionEnd, snapshot, snapshot.ZoneView(view)))
        {
            return false;
        }

        chain = HomewardAlias.Cut(answer, snapshot, snapshot.ZoneView(view), out target);
        return chain is not null && target is not null;
    }

    // What the settings say of a name that has another's answer.
    private static bool TryBeginChain(ReadOnlySpan<byte> query, QueryMessage message, Name target, out Message? chain)
    {
        Span<byte> answer = stackalloc byte[Edns.SafePayloadSize];
        var writer = new AnswerWriter(query, message, answer, answer.Length) { Flags = MessageFlags.RecursionAvailable };
        writer.AddSynthesizedCname(message.Name, CustomAnswer.Ttl, target.Wire);
        return Message.TryParse(answer[..writer.Finish()], out chain, out _);
    }

    // The answer's own options, as for one that did not wait.
    private int Close(ReadOnlySpan<byte> query, in QueryContext context, Span<byte> answer, int length)
    {
        var own = new ResponseOptions(stackalloc byte[ResponseOptions.MaxLength]);
        if (!QueryMessage.TryRead(query, out var message) || !desk.TryRead(message.OptionData(query), context, ref own, out var standing))
        {
            return length;
        }

        processor.TryEnter(context, standing, out _, out _, out var scope);
        own.SetScope(scope);
        return ResponseOptions.Close(message, standing, own, answer, length, opt: -1);
    }
}
