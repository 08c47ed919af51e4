using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Transfer;

/// <summary>
/// Sends zones to secondaries: AXFR (RFC 5936) and IXFR (RFC 1995). Which horizon is sent follows the key's view, or
/// else the client's.
/// </summary>
internal sealed partial class TransferHandler : IExchangeHandler, IDisposable
{
    private const int MostAtOnce = 16;
    private const int MostWaiting = 256;

    private readonly Func<TransferPolicy> _policy;
    private readonly TransferHistory _history;
    private readonly ILogger _logger;
    private readonly RefusalLimit _ofKeys;
    private readonly RefusalLimit _ofStrangers;
    private readonly SemaphoreSlim _running = new(MostAtOnce);
    private int _waiting;

    public TransferHandler(Func<TransferPolicy> policy, TransferHistory history, TimeProvider time, ILogger logger)
    {
        (_policy, _history, _logger) = (policy, history, logger);
        (_ofKeys, _ofStrangers) = (new RefusalLimit("signed transfers", time, logger), new RefusalLimit("transfers without a key", time, logger));
    }

    public async ValueTask AnswerAsync(Exchange exchange, CancellationToken cancel)
    {
        var origin = exchange.Question.Name;
        // 1. Whole zones need a stream (RFC 5936 §4.2), and one that carries many messages.
        var isStream = exchange.Context.Transport is Transport.Tcp or Transport.Tls or Transport.Quic;
        if (!isStream && (exchange.Question.Type == RecordType.AXFR || exchange.Context.Transport != Transport.Udp))
        {
            await exchange.AnswerAsync(Rcode.FormErr, cancel).ConfigureAwait(false);
            return;
        }

        // 2. Over TLS the client says that it speaks DNS (RFC 9103: ALPN "dot"); others may be something else led here.
        if (exchange.Context is { Transport: Transport.Tls, NamesDot: false })
        {
            await RefuseAsync(exchange, "a transfer over TLS needs the protocol dot (ALPN)", cancel).ConfigureAwait(false);
            return;
        }

        // 3. Who may: said before whether the zone is there, which is not everybody's business.
        if (!_policy().Allows(exchange, origin))
        {
            await RefuseAsync(exchange, "no transfer of this zone to this address and key", cancel).ConfigureAwait(false);
            return;
        }

        // 4. The zone itself, not one around it (RFC 5936 §2.2.1).
        var zone = exchange.Zones.Find(exchange.View, origin.Wire);
        if (zone is null || zone.Origin != origin || zone.Find(origin, RecordType.SOA) is not { } soa)
        {
            Tell(exchange, "the view has no such zone");
            await exchange.AnswerAsync(Rcode.NotAuth, cancel).ConfigureAwait(false);
            return;
        }

        await InTurnAsync(() => SendAsync(exchange, zone, soa.Records.First(), cancel), exchange, cancel).ConfigureAwait(false);
    }

    public void Dispose() => _running.Dispose();

    private ValueTask RefuseAsync(Exchange exchange, string why, CancellationToken cancel)
    {
        Tell(exchange, why);
        return exchange.AnswerAsync(Rcode.Refused, cancel, ExtendedErrorCode.Prohibited, why);
    }

    // Strangers cannot crowd out the lines about who has a key.
    private void Tell(Exchange exchange, string why)
    {
        if ((exchange.Key is null ? _ofStrangers : _ofKeys).Passes())
        {
            var key = exchange.Key is { } name ? $"key {name.ToHostString()}" : "no key";
            Log.Refused(_logger, exchange.Question.Name, exchange.ViewName, exchange.Context.Client, key, why);
        }
    }

    private async ValueTask SendAsync(Exchange exchange, Zone zone, ResourceRecord soa, CancellationToken cancel)
    {
        using var writer = new TransferWriter(exchange);
        var form = "AXFR";
        if (exchange.Question.Type == RecordType.IXFR)
        {
            if (HeldSerial(exchange) is not { } held)
            {
                await exchange.AnswerAsync(Rcode.FormErr, cancel).ConfigureAwait(false);
                return;
            }

            form = await SendChangesAsync(exchange, writer, zone, soa, held, cancel).ConfigureAwait(false);
        }
        else
        {
            await SendWholeAsync(exchange, writer, zone, soa, cancel).ConfigureAwait(false);
        }

        Log.Sent(_logger, zone.Origin, exchange.ViewName, zone.Serial, exchange.Context.Client, form, writer.Count, exchange.Sent);
    }

    // RFC 1995 §2 and §4: the SOA alone for who is up to date, the changes where they are known, else the zone.
    private async ValueTask<string> SendChangesAsync(Exchange exchange, TransferWriter writer, Zone zone, ResourceRecord soa, uint held, CancellationToken cancel)
    {
        var isDatagram = exchange.Context.Transport == Transport.Udp;
        var changes = SerialArithmetic.IsNewer(zone.Serial, held) ? _history.Since(new ZoneKey(exchange.ViewName, zone.Origin), zone, held) : null;
        if (zone.Serial == held || SerialArithmetic.IsNewer(held, zone.Serial) || (isDatagram && changes is null))
        {
            // Over UDP the SOA alone means: come again over TCP.
            await SendOneAsync(writer, [soa], cancel).ConfigureAwait(false);
            return "SOA";
        }

        if (changes is null)
        {
            await SendWholeAsync(exchange, writer, zone, soa, cancel).ConfigureAwait(false);
            return "AXFR";
        }

        IEnumerable<ResourceRecord> all = [soa, .. changes.Removed, .. changes.Added, soa];
        if (!isDatagram)
        {
            await writer.AddAsync(all, cancel).ConfigureAwait(false);
            await writer.FlushAsync(cancel).ConfigureAwait(false);
            return "IXFR";
        }

        using var one = new TransferWriter(exchange);
        var fits = one.TryFillOne(all);
        await (fits ? one.FlushAsync(cancel) : SendOneAsync(writer, [soa], cancel)).ConfigureAwait(false);
        return fits ? "IXFR" : "SOA";
    }

    // The SOA first and last (RFC 5936 §2.2).
    private async ValueTask SendWholeAsync(Exchange exchange, TransferWriter writer, Zone zone, ResourceRecord soa, CancellationToken cancel)
    {
        await writer.AddAsync(_history.Records(exchange.ViewName, zone).Append(soa), cancel).ConfigureAwait(false);
        await writer.FlushAsync(cancel).ConfigureAwait(false);
    }

    private static async ValueTask SendOneAsync(TransferWriter writer, ResourceRecord[] records, CancellationToken cancel)
    {
        await writer.AddAsync(records, cancel).ConfigureAwait(false);
        await writer.FlushAsync(cancel).ConfigureAwait(false);
    }

    // The SOA of the version that the client has stands in the authority section (RFC 1995 §3).
    private static uint? HeldSerial(Exchange exchange) =>
        Message.TryParse(exchange.Request.Span, out var request, out _) && request.Authority is [{ Type: RecordType.SOA } soa] && soa.Data.Wire.Length >= 22
            ? SerialArithmetic.Of(soa.Data)
            : null;

    private async ValueTask InTurnAsync(Func<ValueTask> send, Exchange exchange, CancellationToken cancel)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            await exchange.AnswerAsync(Rcode.ServFail, cancel, ExtendedErrorCode.Other, "too many transfers at once").ConfigureAwait(false);
            return;
        }

        try
        {
            await _running.WaitAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        try
        {
            await send().ConfigureAwait(false);
        }
        finally
        {
            _running.Release();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1550, LogLevel.Warning, "Transfer of {Origin} ({View}) to {Client} with {Key} is refused: {Why}")]
        public static partial void Refused(ILogger logger, Name origin, string view, ClientAddress client, string key, string why);

        [LoggerMessage(1551, LogLevel.Information, "{Origin} ({View}) serial {Serial} was sent to {Client} as {Form}: {Records} records in {Messages} messages")]
        public static partial void Sent(ILogger logger, Name origin, string view, uint serial, ClientAddress client, string form, long records, int messages);
    }
}
