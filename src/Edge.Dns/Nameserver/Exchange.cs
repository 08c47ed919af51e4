using System.Buffers;
using Edge.Dns.Queries;
using Edge.Dns.Tsig;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Nameserver;

/// <summary>
/// One request that is answered off the fast path, and the way its answers go: each is signed if the request was
/// (RFC 8945 §5.3), and all of them in the order they are sent.
/// </summary>
public sealed class Exchange
{
    private static readonly ZoneSet NoZones = new([], []);

    private readonly IMessageSink _sink;
    private readonly TsigSigner? _signer;

    private Exchange(ReadOnlyMemory<byte> request, Question question, Edns? edns, QueryContext context, Name? key, TsigSigner? signer, IMessageSink sink)
    {
        MessageHeader.TryRead(request.Span, out var header);
        (Request, Header, Question, Edns, Context, Key) = (request, header, question, edns, context, key);
        (_signer, _sink) = (signer, sink);
    }

    /// <summary>Opens an exchange for a request without its TSIG record; null when it cannot be read.</summary>
    /// <param name="processor">Knows the zones and the view.</param>
    /// <param name="request">The request.</param>
    /// <param name="context">Who asks, and how.</param>
    /// <param name="key">The name of the key it was signed with.</param>
    /// <param name="signer">Signs the answers.</param>
    /// <param name="sink">Where they go.</param>
    internal static Exchange? TryOpen(QueryProcessor processor, ReadOnlyMemory<byte> request, in QueryContext context, Name? key, TsigSigner? signer, IMessageSink sink)
    {
        Edns? edns = null;
        var query = request.Span;
        if (!QueryMessage.TryRead(query, out var message) || (message.HasEdns && !Wire.Edns.TryRead(message.Opt, message.OptionData(query), out edns)))
        {
            return null;
        }

        var entered = processor.TryEnter(context, default, out var snapshot, out var view, out _);
        return new Exchange(request, new Question(Name.FromWire(message.Name), message.Type, message.Class), edns, context, key, signer, sink)
        {
            Zones = entered ? snapshot.Zones : NoZones,
            View = entered ? snapshot.ZoneView(view) : -1,
            ClientView = entered ? view : QueryNotes.NoView,
            AnswerLimit = message.AnswerLimit(context.Transport) - (signer?.RoomNeeded ?? 0),
        };
    }

    /// <summary>The request without its TSIG record, in wire form.</summary>
    public ReadOnlyMemory<byte> Request { get; }

    /// <summary>The request's header, the TSIG record not counted.</summary>
    public MessageHeader Header { get; }

    /// <summary>Its only question; of an UPDATE, the zone (RFC 2136 §2.3).</summary>
    public Question Question { get; }

    /// <summary>Its OPT record; null without one.</summary>
    public Edns? Edns { get; }

    /// <summary>Who asks, and how. Its view is that of the key, if the key names one.</summary>
    public QueryContext Context { get; }

    /// <summary>The name of the key that the request is signed with, verified; null for an unsigned request.</summary>
    public Name? Key { get; }

    /// <summary>All zones at the moment of the request.</summary>
    public required ZoneSet Zones { get; init; }

    /// <summary>The index in <see cref="Zones"/> of the view that the request is for.</summary>
    public required int View { get; init; }

    /// <summary>The index of the same view among the views.</summary>
    internal int ClientView { get; init; }

    /// <summary>The name of that view.</summary>
    public string ViewName => Zones.Views[View];

    /// <summary>Messages sent so far.</summary>
    public int Sent { get; private set; }

    /// <summary>The longest answer in bytes, signature excluded.</summary>
    public required int AnswerLimit { get; init; }

    /// <summary>Bytes that must be left behind an answer for its signature.</summary>
    public int SignatureRoom => _signer?.RoomNeeded ?? 0;

    /// <summary>An answer to begin with: number, opcode, question and EDNS of the request.</summary>
    /// <param name="rcode">The response code.</param>
    /// <param name="flags">AA, for example; the answer's own bit is set in any case.</param>
    public Message NewAnswer(Rcode rcode = Rcode.NoError, MessageFlags flags = MessageFlags.None)
    {
        var answer = new Message
        {
            Id = Header.Id,
            Opcode = Header.Opcode,
            Flags = MessageFlags.Response | flags | (Header.Flags & MessageFlags.RecursionDesired),
            Rcode = rcode,
            Edns = Edns is null ? null : new Edns(Wire.Edns.SafePayloadSize, Edns.DnssecOk),
        };
        answer.Questions.Add(Question);
        return answer;
    }

    /// <summary>Answers with a code only, and with the reason where the client speaks EDNS (RFC 8914).</summary>
    public ValueTask AnswerAsync(Rcode rcode, CancellationToken cancel, ExtendedErrorCode? reason = null, string text = "")
    {
        var answer = NewAnswer(rcode);
        if (answer.Edns is not null && reason is { } code)
        {
            answer.Edns = answer.Edns with { Options = [EdnsOption.ExtendedError(code, text)] };
        }

        return SendAsync(answer, cancel);
    }

    /// <summary>Signs and sends a message; what does not fit is left out, with TC set.</summary>
    public async ValueTask SendAsync(Message answer, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(AnswerLimit + SignatureRoom);
        try
        {
            await SendAsync(buffer, answer.Write(buffer.AsSpan(0, AnswerLimit)), cancel).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Signs a message in place and sends it.</summary>
    /// <param name="buffer">The message, with <see cref="SignatureRoom"/> bytes behind it.</param>
    /// <param name="length">The message's length, at most <see cref="AnswerLimit"/>.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async ValueTask SendAsync(Memory<byte> buffer, int length, CancellationToken cancel)
    {
        length = _signer?.Sign(buffer.Span, length) ?? length;
        await _sink.SendAsync(buffer[..length], cancel).ConfigureAwait(false);
        Sent++;
    }
}
