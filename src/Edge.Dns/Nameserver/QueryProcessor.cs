using System.Buffers;
using System.Runtime.CompilerServices;
using Edge.Dns.Resolver;
using Edge.Dns.Tsig;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Nameserver;

/// <summary>
/// The life of one query, from its bytes to the answer's bytes. Takes its snapshot once, never locks, never waits
/// and allocates nothing; what must wait is handed back as <see cref="QueryOutcome.Deferred"/>.
/// </summary>
public sealed class QueryProcessor
{
    private readonly Func<ZoneSet?> _zones;
    private readonly Func<ViewSet> _views;
    private readonly IRecursor? _recursor;
    private readonly ExchangeDesk? _exchanges;
    private volatile ServingSnapshot? _snapshot;

    /// <summary>Makes a processor; any number of threads may use it at once.</summary>
    /// <param name="zones">The zones served now; null while none are loaded yet.</param>
    /// <param name="views">The views now.</param>
    /// <param name="recursor">Who answers for names outside our zones; null when nobody does.</param>
    /// <param name="exchanges">Who answers transfers, NOTIFY, UPDATE and what is signed; null when nobody does, and signatures are not looked at then.</param>
    public QueryProcessor(Func<ZoneSet?> zones, Func<ViewSet> views, IRecursor? recursor, ExchangeDesk? exchanges = null)
    {
        _exchanges = exchanges;
        _zones = zones;
        _views = views;
        _recursor = recursor;
    }

    private static readonly ZoneSet NoZones = new([], []);

    // An extended error NotReady (RFC 8914 §4.15) in wire form: code 15, length 2, value 14.
    private static ReadOnlySpan<byte> NotReady => [0, 15, 0, 2, 0, 14];

    /// <summary>Answers a query from the zones or from the cache.</summary>
    /// <param name="query">The query without a length prefix.</param>
    /// <param name="context">Who asks, and how.</param>
    /// <param name="answer">Room for the answer, 1232 bytes or more; over TCP 65535 to let every answer fit.</param>
    /// <param name="length">Bytes to send; 0 unless the outcome is <see cref="QueryOutcome.Answered"/>.</param>
    [SkipLocalsInit]
    public QueryOutcome Process(ReadOnlySpan<byte> query, in QueryContext context, Span<byte> answer, out int length)
    {
        // 1. What is no query gets no answer: an answer to an answer could go round forever.
        length = 0;
        if (!MessageHeader.TryRead(query, out var header) || (header.Flags & MessageFlags.Response) != 0)
        {
            return QueryOutcome.Dropped;
        }

        // 2. The header: other opcodes are not implemented (RFC 8906 §3.1.4).
        if (header.Opcode != Opcode.Query && _exchanges?.Knows(header.Opcode) != true)
        {
            return WithoutQuestion(query, header, Rcode.NotImp, answer, out length);
        }

        // 3. The question: one that cannot be read cannot be echoed.
        if (!QueryMessage.TryReadQuestion(header, query, out var message))
        {
            return WithoutQuestion(query, header, Rcode.FormErr, answer, out length);
        }

        // 4. EDNS: malformed is FORMERR, another version than 0 is BADVERS (RFC 6891 §6.1.3).
        if (!QueryMessage.TryReadRest(query, ref message))
        {
            return Error(query, message, Rcode.FormErr, answer, out length);
        }

        if (message.HasEdns && Edns.VersionOf(message.Opt) != 0)
        {
            return Error(query, message, Rcode.BadVers, answer, out length);
        }

        // 5. What is signed, a transfer or no query at all takes longer than this thread has.
        if (_exchanges is not null && _exchanges.Takes(message))
        {
            return QueryOutcome.Deferred;
        }

        // 6. Class and type: the data is IN, zone transfers are not open, and who this server is stays its own business.
        if (message.Class != RecordClass.IN || header.Opcode != Opcode.Query || message.Type is RecordType.AXFR or RecordType.IXFR)
        {
            return Error(query, message, Rcode.Refused, answer, out length);
        }

        // 7. The view: who asks decides what is seen. Without zones there is nothing true to say yet.
        if (!TryEnter(context, out var snapshot, out var view))
        {
            return Error(query, message, Rcode.ServFail, answer, out length, NotReady);
        }

        // 8. The zone and what it says; else the cache; else somebody must wait.
        var recursion = _recursor is not null && snapshot.Views[view].Recursion;
        var writer = new AnswerWriter(query, message, answer, message.AnswerLimit(context.Transport))
        {
            Flags = recursion ? MessageFlags.RecursionAvailable : MessageFlags.None,
        };
        var mayAsk = recursion && (header.Flags & MessageFlags.RecursionDesired) != 0;
        Span<byte> target = stackalloc byte[Name.MaxWireLength];
        var chase = ZoneAnswer.Write(ref writer, snapshot.Zones, snapshot.ZoneView(view), message, context.Transport, mayAsk, target, out _);
        switch (chase)
        {
            case ChaseEnd.Answered:
                length = writer.Finish();
                return QueryOutcome.Answered;
            case ChaseEnd.NotOurs when !mayAsk:
                return Error(query, message, Rcode.Refused, answer, out length, flags: writer.Flags);
            case ChaseEnd.NotOurs when _recursor!.TryAnswerFromCache(query, answer, Math.Min(message.AnswerLimit(context.Transport), answer.Length), out length):
                return QueryOutcome.Answered;
            default:
                length = 0;
                return QueryOutcome.Deferred;
        }
    }

    /// <summary>
    /// Answers a query that <see cref="Process"/> deferred, with one message or, for a transfer, many. May take long.
    /// Throws what the sink throws, and for nothing else that a client or an upstream does.
    /// </summary>
    /// <param name="query">The query, unchanged until the task ends.</param>
    /// <param name="context">Who asks, and how.</param>
    /// <param name="sink">Where the answers go.</param>
    /// <param name="cancel">Ends the wait when the server stops or the client is gone.</param>
    public async ValueTask CompleteAsync(ReadOnlyMemory<byte> query, QueryContext context, IMessageSink sink, CancellationToken cancel)
    {
        if (IsExchange(query.Span))
        {
            await _exchanges!.ServeAsync(this, query, context, sink, cancel).ConfigureAwait(false);
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

    /// <summary>Answers a plain query that <see cref="Process"/> deferred. May take seconds; never throws for upstream trouble.</summary>
    /// <param name="query">The query, unchanged until the task ends.</param>
    /// <param name="context">Who asks, and how.</param>
    /// <param name="answer">Room for the answer.</param>
    /// <param name="cancel">Ends the wait when the server stops.</param>
    /// <returns>Bytes to send; 0 for nothing.</returns>
    public async ValueTask<int> ResolveAsync(ReadOnlyMemory<byte> query, QueryContext context, Memory<byte> answer, CancellationToken cancel)
    {
        if (_recursor is null || !TryStart(query.Span, context, out var chain, out var target, out var limit))
        {
            // The snapshot changed in between and the zones answer after all.
            return Process(query.Span, context, answer.Span, out var length) == QueryOutcome.Answered ? length : 0;
        }

        limit = Math.Min(limit, answer.Length);
        return chain is null
            ? await _recursor.ResolveAsync(query, answer, limit, cancel).ConfigureAwait(false)
            : await ChainCompletion.ResolveAsync(_recursor, chain, target!, answer, limit, cancel).ConfigureAwait(false);
    }

    // What of the answer lies in our zones: a chain that leaves them, or nothing at all (chain null).
    private bool TryStart(ReadOnlySpan<byte> query, in QueryContext context, out Message? chain, out Name? target, out int limit)
    {
        chain = null;
        target = null;
        limit = 0;
        if (!MessageHeader.TryRead(query, out var header) || !QueryMessage.TryReadQuestion(header, query, out var message)
            || !QueryMessage.TryReadRest(query, ref message) || !TryEnter(context, out var snapshot, out var view))
        {
            return false;
        }

        limit = message.AnswerLimit(context.Transport);
        Span<byte> buffer = stackalloc byte[Name.MaxWireLength];
        // Where the zones end does not depend on the room: a small one tells, and only a chain is written whole.
        Span<byte> small = stackalloc byte[Edns.MinPayloadSize];
        var writer = new AnswerWriter(query, message, small, small.Length);
        var end = ZoneAnswer.Write(ref writer, snapshot.Zones, snapshot.ZoneView(view), message, context.Transport, mayAsk: true, buffer, out _);
        if (end != ChaseEnd.LeftOurZones)
        {
            return end == ChaseEnd.NotOurs;
        }

        var partial = new byte[Message.MaxLength];
        writer = new AnswerWriter(query, message, partial, partial.Length) { Flags = MessageFlags.RecursionAvailable };
        ZoneAnswer.Write(ref writer, snapshot.Zones, snapshot.ZoneView(view), message, context.Transport, mayAsk: true, buffer, out var length);
        target = Name.FromWire(buffer[..length]);
        return Message.TryParse(partial.AsSpan(0, writer.Finish()), out chain, out _);
    }

    private bool TryEnter(in QueryContext context, out ServingSnapshot snapshot, out int view)
    {
        var zones = _zones();
        var views = _views();
        view = -1;
        snapshot = _snapshot!;
        if (zones is null)
        {
            return false;
        }

        if (snapshot is null || snapshot.Zones != zones || snapshot.Views != views)
        {
            _snapshot = snapshot = new ServingSnapshot(zones, views);
        }

        view = ViewOf(context, views);
        return view >= 0 && snapshot.ZoneView(view) >= 0;
    }

    private static int ViewOf(in QueryContext context, ViewSet views)
    {
        if (context.View is { } named)
        {
            return views.IndexOf(named);
        }

        // The address asked goes before the network of the client: it was chosen, the network was not.
        Span<byte> address = stackalloc byte[16];
        context.Server.Write(address);
        var asked = views.MatchAsked(address);
        if (asked >= 0)
        {
            return asked;
        }

        context.Client.Write(address);
        return views.Match(address);
    }

    private bool IsExchange(ReadOnlySpan<byte> query) =>
        _exchanges is not null && MessageHeader.TryRead(query, out var header) && QueryMessage.TryReadQuestion(header, query, out var message)
        && QueryMessage.TryReadRest(query, ref message) && _exchanges.Takes(message);

    /// <summary>Opens an exchange for a request without its TSIG record; null when it cannot be read.</summary>
    internal Exchange? TryOpen(ReadOnlyMemory<byte> request, in QueryContext context, Name? key, TsigSigner? signer, IMessageSink sink)
    {
        var query = request.Span;
        if (!MessageHeader.TryRead(query, out var header) || !QueryMessage.TryReadQuestion(header, query, out var message)
            || !QueryMessage.TryReadRest(query, ref message))
        {
            return null;
        }

        Edns? edns = null;
        if (message.HasEdns && !Edns.TryRead(message.Opt, query.Slice(message.Opt.DataOffset, message.Opt.DataLength), out edns))
        {
            return null;
        }

        var entered = TryEnter(context, out var snapshot, out var view);
        return new Exchange(request, new Question(Name.FromWire(message.Name), message.Type, message.Class), edns, context, key, signer, sink)
        {
            Zones = entered ? snapshot.Zones : NoZones,
            View = entered ? snapshot.ZoneView(view) : -1,
            AnswerLimit = message.AnswerLimit(context.Transport) - (signer?.RoomNeeded ?? 0),
        };
    }

    /// <summary>Answers with a code and nothing else; returns the answer's length.</summary>
    internal static int WriteError(ReadOnlySpan<byte> query, Rcode rcode, Span<byte> answer)
    {
        MessageHeader.TryRead(query, out var header);
        int length;
        if (QueryMessage.TryReadQuestion(header, query, out var message))
        {
            QueryMessage.TryReadRest(query, ref message);
            Error(query, message, rcode, answer, out length);
        }
        else
        {
            WithoutQuestion(query, header, rcode, answer, out length);
        }

        return length;
    }

    private static QueryOutcome WithoutQuestion(ReadOnlySpan<byte> query, MessageHeader header, Rcode rcode, Span<byte> answer, out int length)
    {
        var flags = MessageFlags.Response | (header.Flags & MessageFlags.RecursionDesired);
        var writer = new MessageWriter(answer);
        // An error answers EDNS with EDNS as well, if it can be seen that the sender speaks it (RFC 6891 §6.1.1, §7).
        var hasEdns = QueryMessage.TryFindOpt(query, header, out var opt)
            && Edns.TryWrite(ref writer, Edns.SafePayloadSize, Edns.HasDnssecOk(opt), rcode);
        new MessageHeader(header.Id, flags, header.Opcode, rcode, 0, 0, 0, (ushort)(hasEdns ? 1 : 0)).Write(answer);
        length = writer.Position;
        return QueryOutcome.Answered;
    }

    private static QueryOutcome Error(
        ReadOnlySpan<byte> query, QueryMessage message, Rcode rcode, Span<byte> answer, out int length,
        ReadOnlySpan<byte> options = default, MessageFlags flags = MessageFlags.None)
    {
        length = new AnswerWriter(query, message, answer, Edns.MinPayloadSize, options) { Rcode = rcode, Flags = flags }.Finish();
        return QueryOutcome.Answered;
    }
}
