using System.Buffers;
using System.Runtime.CompilerServices;
using Edge.Dns.Filtering;
using Edge.Dns.Queries;
using Edge.Dns.Resolver;
using Edge.Dns.Signing;
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
    // For those who call from any thread, and so have none of their own.
    [ThreadStatic]
    private static QueryNotes? s_notes;

    private readonly Func<ZoneSet?> _zones;
    private readonly Func<ViewSet> _views;
    private readonly IRecursor? _recursor;
    private readonly OptionDesk _desk;
    private readonly ExchangeDesk? _exchanges;
    private readonly FilterDesk _filter;
    private readonly QueryCompletion _completion;
    private readonly Lazy<RememberedAnswers> _remembered;
    private volatile ServingSnapshot? _snapshot;

    /// <summary>Makes a processor; any number of threads may use it at once.</summary>
    /// <param name="zones">The zones served now; null while none are loaded yet.</param>
    /// <param name="views">The views now.</param>
    /// <param name="recursor">Who answers for names outside our zones; null when nobody does.</param>
    /// <param name="exchanges">Who answers transfers, NOTIFY, UPDATE and what is signed; null when nobody does, and signatures are not looked at then.</param>
    /// <param name="options">What this server says and allows beside the zones.</param>
    public QueryProcessor(Func<ZoneSet?> zones, Func<ViewSet> views, IRecursor? recursor, ExchangeDesk? exchanges = null, NameserverOptions? options = null)
    {
        _exchanges = exchanges;
        _zones = zones;
        _views = views;
        _recursor = recursor;
        options ??= new NameserverOptions();
        _desk = new OptionDesk(options);
        _filter = new FilterDesk(() => Filter());
        _completion = new QueryCompletion(this, recursor, exchanges, _desk, _filter);
        _remembered = new Lazy<RememberedAnswers>(() => new RememberedAnswers(this, _desk, options.Time));
    }

    /// <summary>The signers of our zones now; without it none is signed.</summary>
    public Func<SignerSet> Signers { get; init; } = static () => SignerSet.None;

    /// <summary>Keeps what is asked; null when nobody wants to know.</summary>
    public QueryLog? Queries { get; init; }

    /// <summary>The same answers for those who get the same queries again and again; made when the first one wants it.</summary>
    internal RememberedAnswers Remembered => _remembered.Value;

    /// <summary>What is blocked now of the names that are not ours.</summary>
    public Func<FilterPolicy> Filter { get; init; } = static () => FilterPolicy.None;

    /// <summary>The zones that are ours and cannot be answered now.</summary>
    public Func<UnavailableZones> Unavailable { get; init; } = () => UnavailableZones.None;

    /// <summary>Who gets no answer now.</summary>
    public Func<BanSet> Bans { get; init; } = static () => BanSet.None;

    /// <summary>Told who was refused, if its address is no forgery: it came over a connection, or with a good cookie.</summary>
    public Action<ClientAddress>? Refused { get; init; }

    // An extended error NotReady (RFC 8914 §4.15) in wire form: code 15, length 2, value 14.
    private static ReadOnlySpan<byte> NotReady => [0, 15, 0, 2, 0, 14];

    // RFC 9824 §9: code 15, length 2, value 30.
    private static ReadOnlySpan<byte> InvalidQueryType => [0, 15, 0, 2, 0, 30];

    /// <summary>Answers a query from the zones or from the cache.</summary>
    /// <param name="query">The query without a length prefix.</param>
    /// <param name="context">Who asks, and how.</param>
    /// <param name="answer">Room for the answer, 1232 bytes or more; over TCP 65535 to let every answer fit.</param>
    /// <param name="length">Bytes to send; 0 unless the outcome is <see cref="QueryOutcome.Answered"/>.</param>
    public QueryOutcome Process(ReadOnlySpan<byte> query, in QueryContext context, Span<byte> answer, out int length)
    {
        var notes = s_notes ??= new QueryNotes();
        var started = Queries?.Shared.Begin() ?? 0;
        var outcome = ProcessAnew(query, context, notes, answer, out length, out _);
        if (started != 0 && outcome != QueryOutcome.Deferred)
        {
            Queries!.Shared.Write(started, query, answer[..length], context.Client.Bits, (byte)context.Transport, notes);
        }

        return outcome;
    }

    /// <summary>The same for a thread that notes its queries itself.</summary>
    internal QueryOutcome ProcessNoting(ReadOnlySpan<byte> query, in QueryContext context, QueryRecorder recorder, Span<byte> answer, out int length)
    {
        var outcome = ProcessAnew(query, context, recorder.Notes, answer, out length, out _);
        recorder.Write(query, answer[..length], context, outcome);
        return outcome;
    }

    /// <summary>For one thread that answers many queries.</summary>
    internal QueryRecorder NewRecorder() => new(Queries?.OpenRing());

    /// <summary>The same, noted by who calls; <paramref name="age"/> says for how long this answer depends on nothing but the query's bytes, the view and the zones: for 0 seconds if on more.</summary>
    [SkipLocalsInit]
    internal QueryOutcome ProcessAnew(ReadOnlySpan<byte> query, in QueryContext context, QueryNotes notes, Span<byte> answer, out int length, out AnswerAge age)
    {
        // 1. Who is banned gets no answer, and what is no query gets none: an answer to an answer could go round forever.
        length = 0;
        age = default;
        notes.Clear();
        if (IsBanned(context.Client) || !MessageHeader.TryRead(query, out var header) || (header.Flags & MessageFlags.Response) != 0)
        {
            notes.Note(AnsweredBy.Dropped);
            return QueryOutcome.Dropped;
        }

        // 2. The header: other opcodes are not implemented (RFC 8906 §3.1.4).
        if (header.Opcode != Opcode.Query && _exchanges?.Knows(header.Opcode) != true)
        {
            return ErrorAnswer.WithoutQuestion(query, header, Rcode.NotImp, answer, out length);
        }

        // 3. The question: one that cannot be read cannot be echoed. None at all may ask for a cookie.
        if (!QueryMessage.TryReadQuestion(header, query, out var message))
        {
            return CookieQuery.TryAnswer(_desk, query, header, context, answer, out length) ? QueryOutcome.Answered : ErrorAnswer.WithoutQuestion(query, header, Rcode.FormErr, answer, out length);
        }

        // 4. EDNS: malformed is FORMERR, another version than 0 is BADVERS (RFC 6891 §6.1.3).
        if (!QueryMessage.TryReadRest(query, ref message))
        {
            return ErrorAnswer.Write(query, message, Rcode.FormErr, answer, out length);
        }

        if (message.HasEdns && Edns.VersionOf(message.Opt) != 0)
        {
            return ErrorAnswer.Write(query, message, Rcode.BadVers, answer, out length);
        }

        // 5. The options: a malformed one is FORMERR (RFC 7873 §5.2.2). What this server says to them has its room kept.
        Span<byte> room = stackalloc byte[ResponseOptions.MaxLength];
        var own = new ResponseOptions(room);
        if (!_desk.TryRead(message.OptionData(query), context, ref own, out var standing))
        {
            return ErrorAnswer.Write(query, message, Rcode.FormErr, answer, out length);
        }

        // 6. What is signed, a transfer or no query at all takes longer than this thread has.
        if (_exchanges is not null && _exchanges.Takes(message))
        {
            return QueryOutcome.Deferred;
        }

        // 7. The answer.
        var outcome = AnswerOrRefuse(query, message, context, standing, notes, ref own, answer, out length, out var opt);
        if (outcome != QueryOutcome.Answered)
        {
            return outcome;
        }

        // 8. The limit: who may be forged does not get every answer.
        var verdict = _desk.Limit(context, standing, _views(), answer[..length]);
        switch (verdict)
        {
            case RateVerdict.Drop:
                length = 0;
                notes.Note(AnsweredBy.Dropped);
                return QueryOutcome.Dropped;
            case RateVerdict.Slip:
                notes.Note(AnsweredBy.SentBack);
                ErrorAnswer.SendBack(query, message, standing, answer, out length, out opt);
                break;
        }

        // 9. The answer's own options, last.
        // SERVFAIL passes before the zones change. Without a place for the OPT record it is not from a zone.
        if (verdict == RateVerdict.Send && message.OptionData(query).IsEmpty && !message.IsSigned && IsWhole(answer))
        {
            age = opt >= 0 ? AnswerAge.OfOurs : notes.By == AnsweredBy.Cache && Filter().IsSameForAll && AnswerAge.TryMeasure(answer[..length], out var measured) ? measured : default;
        }

        length = ResponseOptions.Close(message, standing, own, answer, length, opt);
        return QueryOutcome.Answered;
    }

    /// <summary>Whether a client gets no answer now.</summary>
    internal bool IsBanned(ClientAddress client) => Bans() is { IsEmpty: false } bans && bans.Contains(client) && !IsLan(client);

    // The LAN is never banned, also where it lies in a network that is. Only who would be is looked up.
    private bool IsLan(ClientAddress client)
    {
        Span<byte> address = stackalloc byte[16];
        client.Write(address);
        var views = _views();
        return views[views.Match(address)].Name == View.LanName;
    }

    // Errors, and what was cut off since no more could be signed in this second, may be otherwise a moment later.
    private static bool IsWhole(ReadOnlySpan<byte> answer) =>
        MessageHeader.TryRead(answer, out var header) && (header.Rcode is Rcode.NoError or Rcode.NxDomain) && (header.Flags & MessageFlags.Truncated) == 0;

    private QueryOutcome AnswerOrRefuse(
        ReadOnlySpan<byte> query, QueryMessage message, in QueryContext context, in ClientStanding standing, QueryNotes notes, ref ResponseOptions own, Span<byte> answer, out int length, out int opt)
    {
        var outcome = Answer(query, message, context, standing, notes, ref own, answer, out length, out opt);
        if (notes.By == AnsweredBy.Refused && outcome == QueryOutcome.Answered && (context.Transport != Transport.Udp || standing.Cookie == CookieState.Good))
        {
            Refused?.Invoke(context.Client);
        }

        return outcome;
    }

    // From the class of the question to its answer; opt is where the answer's OPT record begins.
    private QueryOutcome Answer(
        ReadOnlySpan<byte> query, QueryMessage message, in QueryContext context, in ClientStanding standing, QueryNotes notes, ref ResponseOptions own, Span<byte> answer, out int length, out int opt)
    {
        // a. Class and type: the data is IN, transfers are not for everybody, and who this server is stays its own business.
        if (message.Class != RecordClass.IN || message.Header.Opcode != Opcode.Query || message.Type is RecordType.AXFR or RecordType.IXFR)
        {
            notes.Note(AnsweredBy.Refused);
            return ErrorAnswer.Write(query, message, Rcode.Refused, answer, out length, out opt);
        }

        if (message.Type == RecordType.NXNAME)
        {
            // RFC 9824 §3.5: it is a word in type lists, and nothing one could ask for.
            return ErrorAnswer.Write(query, message, Rcode.FormErr, answer, out length, out opt, InvalidQueryType);
        }

        // b. The view: who asks decides what is seen. Without zones there is nothing true to say yet.
        if (!TryEnter(context, standing, out var snapshot, out var view, out var scope))
        {
            return ErrorAnswer.Write(query, message, Rcode.ServFail, answer, out length, out opt, NotReady);
        }

        notes.View = view;
        own.SetScope(scope);
        if (_desk.MustProve(context, standing, snapshot.Views))
        {
            notes.Note(AnsweredBy.SentBack);
            return ErrorAnswer.SendBack(query, message, standing, answer, out length, out opt);
        }

        // c. The zone and what it says; else the cache; else somebody must wait.
        var recursion = _recursor is not null && snapshot.Views[view].Recursion;
        var limit = Math.Min(message.AnswerLimit(context.Transport), answer.Length) - own.Length;
        var writer = new AnswerWriter(query, message, answer, limit)
        {
            Flags = recursion ? MessageFlags.RecursionAvailable : MessageFlags.None,
        };
        var mayAsk = recursion && (message.Header.Flags & MessageFlags.RecursionDesired) != 0;
        Span<byte> target = stackalloc byte[Name.MaxWireLength];
        opt = -1;
        var chase = ZoneAnswer.Write(ref writer, snapshot, snapshot.ZoneView(view), message, context.Transport, mayAsk, target, out _);
        switch (chase)
        {
            case ChaseEnd.Answered:
                length = writer.Finish();
                opt = length - Edns.FixedLength;
                notes.Note(AnsweredBy.Zone);
                return QueryOutcome.Answered;
            case ChaseEnd.NotOurs when Unavailable().Find(snapshot.Views[view].Name, message.Name) is { } reason:
                return ErrorAnswer.Write(query, message, Rcode.ServFail, answer, out length, out opt, [0, 15, 0, 2, 0, (byte)reason], writer.Flags);
            case ChaseEnd.NotOurs when !mayAsk:
                notes.Note(AnsweredBy.Refused);
                return ErrorAnswer.Write(query, message, Rcode.Refused, answer, out length, out opt, flags: writer.Flags);
            case ChaseEnd.NotOurs:
                return AnswerAsOthers(query, message, context, standing, snapshot, view, notes, answer, limit, out length);
            default:
                length = 0;
                return QueryOutcome.Deferred;
        }
    }

    // A name that is not ours: the filter, then what the resolver knows; and the filter again, since the name may stand for another.
    private QueryOutcome AnswerAsOthers(
        ReadOnlySpan<byte> query, QueryMessage message, in QueryContext context, in ClientStanding standing, ServingSnapshot snapshot, int view, QueryNotes notes, Span<byte> answer, int limit, out int length)
    {
        var judged = _filter.Judge(message, context, standing);
        if (FilterDesk.TryAnswer(judged, query, message, answer, limit, out length, notes))
        {
            return QueryOutcome.Answered;
        }

        if (judged.LeadsElsewhere || !_recursor!.TryAnswerFromCache(query, answer, limit, out length, notes)
            || HomewardAlias.Leads(answer[..length], message.QuestionEnd, snapshot, snapshot.ZoneView(view)))
        {
            length = 0;
            return QueryOutcome.Deferred;
        }

        length = FilterDesk.Screen(judged, query, message, answer, length, limit, notes);
        return QueryOutcome.Answered;
    }

    /// <summary>
    /// Answers a query that <see cref="Process"/> deferred, with one message or, for a transfer, many. May take long.
    /// Throws what the sink throws, and for nothing else that a client or an upstream does.
    /// </summary>
    /// <param name="query">The query, unchanged until the task ends.</param>
    /// <param name="context">Who asks, and how.</param>
    /// <param name="sink">Where the answers go.</param>
    /// <param name="cancel">Ends the wait when the server stops or the client is gone.</param>
    public ValueTask CompleteAsync(ReadOnlyMemory<byte> query, QueryContext context, IMessageSink sink, CancellationToken cancel) =>
        _completion.CompleteAsync(query, context, sink, cancel);

    /// <summary>Answers a query that may wait: <see cref="Process"/>, and <see cref="CompleteAsync"/> where that is due.</summary>
    /// <param name="query">The query, unchanged until the task ends.</param>
    /// <param name="context">Who asks, and how.</param>
    /// <param name="sink">Where the answers go.</param>
    /// <param name="cancel">Ends the wait when the server stops or the client is gone.</param>
    public async ValueTask AnswerAsync(ReadOnlyMemory<byte> query, QueryContext context, IMessageSink sink, CancellationToken cancel)
    {
        var answer = ArrayPool<byte>.Shared.Rent(Message.MaxLength);
        try
        {
            switch (Process(query.Span, context, answer.AsSpan(0, Message.MaxLength), out var length))
            {
                case QueryOutcome.Answered:
                    await sink.SendAsync(answer.AsMemory(0, length), cancel).ConfigureAwait(false);
                    break;
                case QueryOutcome.Deferred:
                    await CompleteAsync(query, context, sink, cancel).ConfigureAwait(false);
                    break;
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
    public ValueTask<int> ResolveAsync(ReadOnlyMemory<byte> query, QueryContext context, Memory<byte> answer, CancellationToken cancel) =>
        _completion.ResolveAsync(query, context, answer, cancel);

    /// <summary>The same for what is signed, which is noted when its answer is.</summary>
    internal ValueTask<int> ResolveNotingAsync(ReadOnlyMemory<byte> query, QueryContext context, QueryNotes notes, Memory<byte> answer, CancellationToken cancel) =>
        _completion.ResolveNotingAsync(query, context, notes, answer, cancel);

    // Scope: for how many bits of the client's subnet the view is the same.
    internal bool TryEnter(in QueryContext context, in ClientStanding standing, out ServingSnapshot snapshot, out int view, out int scope)
    {
        (view, scope) = (-1, 0);
        return TryTakeSnapshot(out snapshot) && (view = snapshot.ViewOf(context, standing, out scope)) >= 0;
    }

    /// <summary>The resolver's cache was asked for something, and answered from memory.</summary>
    internal void CountHit() => _recursor?.CountHit();

    /// <summary>Zones, views and all that answers depend on as they are now; false while there are no zones.</summary>
    internal bool TryTakeSnapshot(out ServingSnapshot snapshot)
    {
        var zones = _zones();
        snapshot = _snapshot!;
        if (zones is null)
        {
            return false;
        }

        var views = _views();
        var signers = Signers();
        var (filter, resolving) = (Filter(), _recursor?.Settings);
        if (snapshot is null || snapshot.Zones != zones || snapshot.Views != views || snapshot.Signers != signers || snapshot.Filter != filter || snapshot.Resolving != resolving)
        {
            _snapshot = snapshot = new ServingSnapshot(zones, views, signers, filter, resolving);
        }

        return true;
    }
}
