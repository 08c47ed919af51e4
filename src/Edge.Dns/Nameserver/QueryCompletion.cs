using System.Buffers;
using Edge.Dns.Filtering;
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
            await exchanges!.ServeAsync(processor, query, context, sink, cancel).ConfigureAwait(false);
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
        if (recursor is null || !TryStart(query.Span, context, answer.Length, out var chain, out var target, out var judged, out var limit))
        {
            // The snapshot changed in between and the zones answer after all.
            return processor.Process(query.Span, context, answer.Span, out var length) == QueryOutcome.Answered ? length : 0;
        }

        var rest = judged.LeadsElsewhere ? new OwnAnswers(processor, context) : recursor;
        var written = chain is null
            ? await recursor.ResolveAsync(query, answer, limit, cancel).ConfigureAwait(false)
            : await ChainCompletion.ResolveAsync(rest, chain, target!, answer, limit, cancel).ConfigureAwait(false);
        written = chain is null ? Screen(judged, query.Span, answer.Span, written, limit) : written;
        return written > 0 ? Close(query.Span, context, answer.Span, written) : 0;
    }

    private bool IsExchange(ReadOnlySpan<byte> query) => exchanges is not null && QueryMessage.TryRead(query, out var message) && exchanges.Takes(message);

    private static int Screen(in JudgedQuestion judged, ReadOnlySpan<byte> query, Span<byte> answer, int length, int limit) =>
        length > 0 && QueryMessage.TryRead(query, out var message) ? FilterDesk.Screen(judged, query, message, answer, length, limit) : length;

    // What of the answer lies in our zones or in the settings: a chain that leaves them, or nothing at all (chain null).
    private bool TryStart(
        ReadOnlySpan<byte> query, in QueryContext context, int room, out Message? chain, out Name? target, out JudgedQuestion judged, out int limit)
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
        return QueryProcessor.Close(message, standing, own, answer, length, opt: -1);
    }
}
