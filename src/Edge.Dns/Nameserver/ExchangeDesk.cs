using System.Buffers;
using Edge.Dns.Queries;
using Edge.Dns.Tsig;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Nameserver;

/// <summary>
/// Where requests go that the fast path does not answer: transfers, NOTIFY, UPDATE, and whatever is signed. Verifies
/// the signature in one place, and hands the request to who registered for its kind. Handlers register before the
/// first query.
/// </summary>
public sealed partial class ExchangeDesk
{
    // Questions that are about more than one record: TKEY to ANY (IANA "QTYPEs").
    private const int FirstMetaType = 249;
    private const int LastMetaType = 255;

    private readonly Func<RequestKeySet> _keys;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ReplayGuard _replays;
    private readonly RefusalLimit _refusals;
    private readonly IExchangeHandler?[] _opcodes = new IExchangeHandler?[16];
    private readonly IExchangeHandler?[] _types = new IExchangeHandler?[LastMetaType - FirstMetaType + 1];

    /// <summary>A desk where nobody has registered yet; signed questions are answered all the same.</summary>
    /// <param name="keys">The keys now.</param>
    /// <param name="time">The clock that signatures are compared with.</param>
    /// <param name="logger">Told about refused signatures and failing handlers.</param>
    public ExchangeDesk(Func<RequestKeySet> keys, TimeProvider time, ILogger logger) =>
        (_keys, _time, _logger, _replays, _refusals) = (keys, time, logger, new ReplayGuard(time), new RefusalLimit("signed requests", time, logger));

    /// <summary>Registers who answers messages of an opcode other than QUERY.</summary>
    public void Handle(Opcode opcode, IExchangeHandler handler) => _opcodes[(int)opcode] = handler;

    /// <summary>Registers who answers questions of a type from 249 to 255: AXFR, IXFR.</summary>
    public void Handle(RecordType type, IExchangeHandler handler) => _types[(int)type - FirstMetaType] = handler;

    /// <summary>Whether somebody registered for the opcode.</summary>
    internal bool Knows(Opcode opcode) => _opcodes[(int)opcode & 15] is not null;

    /// <summary>Whether the fast path leaves this request to the desk.</summary>
    internal bool Takes(QueryMessage message) => message.IsSigned || HandlerOf(message.Header.Opcode, message.Type, message.Class) is not null;

    /// <summary>Answers a request that <see cref="Takes"/> is true for.</summary>
    internal async ValueTask ServeAsync(QueryProcessor processor, ReadOnlyMemory<byte> query, QueryContext context, QueryNotes notes, IMessageSink sink, CancellationToken cancel)
    {
        // 1. The signature: who signs with a key is its owner, or gets an error and nothing else (RFC 8945 §5.2).
        if (!TsigRequest.TryVerify(query.Span, _keys().FindKey, _time, out var signature))
        {
            await SendErrorAsync(query, Rcode.FormErr, null, sink, cancel).ConfigureAwait(false);
            return;
        }

        MessageHeader.TryRead(query.Span, out var header);
        if (signature is { Error: TsigError.None } && header.Opcode == Opcode.Update && !_replays.IsNew(signature, _time))
        {
            signature = signature.Replayed();
        }

        if (signature is not null && signature.Error != TsigError.None)
        {
            Tell(query.Span, signature, context.Client);
            await SendErrorAsync(query, Rcode.NotAuth, signature, sink, cancel).ConfigureAwait(false);
            return;
        }

        // 2. The view: that of the key, if it names one.
        if (signature is not null && _keys().Find(signature.Key!.Name)?.View is { } view)
        {
            context = context with { View = view };
        }

        // 3. The answer.
        var request = signature is null ? query : signature.Unsigned(query.Span);
        using var signer = signature?.AnswerSigner(_time);
        if (Exchange.TryOpen(processor, request, context, signature?.Key!.Name, signer, sink) is not { } exchange)
        {
            await SendErrorAsync(query, Rcode.FormErr, null, sink, cancel).ConfigureAwait(false);
            return;
        }

        await AnswerAsync(processor, exchange, notes, cancel).ConfigureAwait(false);
    }

    private async ValueTask AnswerAsync(QueryProcessor processor, Exchange exchange, QueryNotes notes, CancellationToken cancel)
    {
        notes.View = exchange.ClientView;
        var handler = HandlerOf(exchange.Header.Opcode, exchange.Question.Type, exchange.Question.Class);
        try
        {
            if (handler is null)
            {
                await AnswerPlainAsync(processor, exchange, notes, cancel).ConfigureAwait(false);
            }
            else if (exchange.View < 0)
            {
                await exchange.AnswerAsync(Rcode.ServFail, cancel, ExtendedErrorCode.NotReady).ConfigureAwait(false);
            }
            else
            {
                await handler.AnswerAsync(exchange, cancel).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (exchange.Sent == 0 && e is not OperationCanceledException and not IOException and not System.Net.Sockets.SocketException and not ObjectDisposedException)
        {
            Log.HandlerFailed(_logger, e, exchange.Question.Name, exchange.Context.Client);
            await exchange.AnswerAsync(Rcode.ServFail, cancel).ConfigureAwait(false);
        }
    }

    // A signed question: the answer of the fast path or of the resolver, signed.
    private static async ValueTask AnswerPlainAsync(QueryProcessor processor, Exchange exchange, QueryNotes notes, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(exchange.AnswerLimit + exchange.SignatureRoom);
        try
        {
            var outcome = processor.ProcessAnew(exchange.Request.Span, exchange.Context, notes, buffer.AsSpan(0, exchange.AnswerLimit), out var length, out _);
            if (outcome == QueryOutcome.Deferred)
            {
                length = await processor.ResolveNotingAsync(exchange.Request, exchange.Context, notes, buffer.AsMemory(0, exchange.AnswerLimit), cancel).ConfigureAwait(false);
            }

            if (length > 0)
            {
                await exchange.SendAsync(buffer, length, cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Tell(ReadOnlySpan<byte> query, TsigRequest signature, ClientAddress client)
    {
        if (!_refusals.Passes())
        {
            return;
        }

        var reader = new MessageReader(query);
        var about = reader.TryReadQuestion(out var question) ? question!.Name.ToString() : "nothing";
        Log.BadSignature(_logger, about, signature.KeyName, client, WhyNot(signature.Error));
    }

    private static string WhyNot(TsigError error) => error switch
    {
        TsigError.BadKey => "there is no such key with this algorithm here (BADKEY)",
        TsigError.BadSignature => "the secret is another one (BADSIG)",
        TsigError.BadTime => "the clocks differ, or it was sent before (BADTIME)",
        TsigError.BadTruncation => "the signature is too short (BADTRUNC)",
        _ => error.ToString(),
    };

    private async ValueTask SendErrorAsync(ReadOnlyMemory<byte> query, Rcode rcode, TsigRequest? signature, IMessageSink sink, CancellationToken cancel)
    {
        var answer = new byte[Edns.MinPayloadSize + (signature?.AnswerRoom ?? 0)];
        var length = ErrorAnswer.Write(query.Span, rcode, answer.AsSpan(0, Edns.MinPayloadSize));
        length = signature?.AppendError(answer, length, _time) ?? length;
        await sink.SendAsync(answer.AsMemory(0, length), cancel).ConfigureAwait(false);
    }

    private IExchangeHandler? HandlerOf(Opcode opcode, RecordType type, RecordClass @class) => @class != RecordClass.IN ? null
        : opcode != Opcode.Query ? _opcodes[(int)opcode & 15]
        : (int)type is >= FirstMetaType and <= LastMetaType ? _types[(int)type - FirstMetaType]
        : null;

    private static partial class Log
    {
        [LoggerMessage(1200, LogLevel.Warning, "A request about {About} of {Client} signed with key {Key} is refused: {Why}")]
        public static partial void BadSignature(ILogger logger, string about, Name key, ClientAddress client, string why);

        [LoggerMessage(1201, LogLevel.Error, "A request about {Name} of {Client} failed")]
        public static partial void HandlerFailed(ILogger logger, Exception error, Name name, ClientAddress client);
    }
}
