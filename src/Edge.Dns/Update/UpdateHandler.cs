using System.Globalization;
using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Update;

/// <summary>Answers UPDATE messages: who may, in which zone, and what becomes of it (RFC 2136 §3).</summary>
public sealed partial class UpdateHandler : IExchangeHandler
{
    private readonly UpdateManager _updates;
    private readonly Func<Name, UpdateKey?> _keys;
    private readonly IReadOnlyList<IZoneSource> _sources;
    private readonly IReadOnlyList<IZoneSource> _foreign;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RefusalLimit _ofKeys;
    private readonly RefusalLimit _ofStrangers;

    /// <param name="updates">The writer of changes.</param>
    /// <param name="keys">What the owner of a key may; null for a key that may not update anything.</param>
    /// <param name="sources">All sources of zones but the updates themselves, in the order the zone manager has them.</param>
    /// <param name="foreign">Those of them whose zones are not ours to change: copies from other servers.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told about refusals.</param>
    public UpdateHandler(UpdateManager updates, Func<Name, UpdateKey?> keys, IReadOnlyList<IZoneSource> sources, IReadOnlyList<IZoneSource> foreign, TimeProvider time, ILogger logger)
    {
        (_updates, _keys, _sources, _foreign, _time, _logger) = (updates, keys, sources, foreign, time, logger);
        (_ofKeys, _ofStrangers) = (new RefusalLimit("signed updates", time, logger), new RefusalLimit("updates without a key", time, logger));
    }

    /// <summary>Takes updates by keys that the settings do not have.</summary>
    public IUpdateKeeper? Keeper { get; init; }

    /// <inheritdoc/>
    public async ValueTask AnswerAsync(Exchange exchange, CancellationToken cancel)
    {
        var refusal = await UpdateAsync(exchange, cancel).ConfigureAwait(false);
        if (refusal is null)
        {
            Log.Made(_logger, exchange.Question.Name, exchange.Key!, exchange.Context.Client);
            await exchange.AnswerAsync(Rcode.NoError, cancel).ConfigureAwait(false);
            return;
        }

        Tell(exchange, refusal);
        await exchange.AnswerAsync(refusal.Rcode, cancel, refusal.Code, refusal.Why).ConfigureAwait(false);
    }

    // What somebody may not is worth a line; strangers cannot crowd out those of who has a key.
    private void Tell(Exchange exchange, UpdateRefusal refusal)
    {
        var key = exchange.Key is { } name ? $"key {name.ToHostString()}" : "no key";
        if (refusal.Rcode is not (Rcode.Refused or Rcode.NotAuth or Rcode.NotZone))
        {
            Log.NotMade(_logger, exchange.Question.Name, key, exchange.Context.Client, refusal.Rcode, refusal.Why);
        }
        else if ((exchange.Key is null ? _ofStrangers : _ofKeys).Passes())
        {
            Log.Refused(_logger, exchange.Question.Name, key, exchange.Context.Client, refusal.Rcode, refusal.Why);
        }
    }

    private async ValueTask<UpdateRefusal?> UpdateAsync(Exchange exchange, CancellationToken cancel)
    {
        // 1. Who: without a signature nobody, and only keys that have rules.
        if (exchange.Key is null)
        {
            return UpdateRefusal.Forbidden("an update must be signed with a key (TSIG)");
        }

        var stated = _keys(exchange.Key);
        var kept = stated is null ? Keeper?.Find(exchange.Key) : null;
        if ((stated ?? kept) is not { Rules.IsEmpty: false } key)
        {
            return UpdateRefusal.Forbidden($"key {exchange.Key.ToHostString()} may not update anything: it has no \"update\" in edge.yaml");
        }

        // 2. What (RFC 2136 §3.1.1).
        if (!UpdateRequest.TryRead(exchange.Request.Span, out var request, out var malformed))
        {
            return malformed;
        }

        // 3. The change, in its turn.
        if (kept is not null)
        {
            return await Keeper!.SubmitAsync(key.Name, held => Propose(request, key, exchange, held), cancel).ConfigureAwait(false);
        }

        var source = string.Create(CultureInfo.InvariantCulture, $"update by key {key.Name.ToHostString()}, {_time.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z");
        return await _updates.SubmitAsync(changes => Propose(request, key, exchange, changes, source), cancel).ConfigureAwait(false);
    }

    private ChangeProposal Propose(UpdateRequest request, UpdateKey key, Exchange exchange, ChangeSet changes, string source) =>
        Content(request.Zone, key.View, exchange, changes, out var refusal) is { } content ? UpdateEvaluation.Evaluate(request, key, content, source) : refusal!;

    private UpdateOutcome Propose(UpdateRequest request, UpdateKey key, Exchange exchange, Func<Name, IEnumerable<ResourceRecord>> held) =>
        Content(request.Zone, key.View, exchange, _updates.Made, out var refusal) is { } content ? KeeperEvaluation.Evaluate(request, key, content, held) : UpdateOutcome.Refused(refusal!);

    // RFC 2136 §3.1.2: the zone is ours, and nobody else's.
    private ZoneContent? Content(Name origin, string? view, Exchange exchange, ChangeSet changes, out UpdateRefusal? refusal)
    {
        refusal = null;
        if (Declared(_sources, origin, null) is null && (view is null || Declared(_sources, origin, view) is null))
        {
            refusal = new UpdateRefusal(Rcode.NotAuth, $"there is no zone {origin} here");
            return null;
        }

        if (Declared(_foreign, origin, null) is not null || (view is not null && Declared(_foreign, origin, view) is not null))
        {
            refusal = UpdateRefusal.Forbidden($"the zone {origin} is a copy of another server's: send updates there");
            return null;
        }

        var ofView = view is null ? null : Declared(_sources, origin, view);
        var zone = Declared(_sources, origin, null) ?? ofView!;
        var serial = exchange.Zones.Find(exchange.View, origin.Wire) is { } served && served.Origin == origin ? served.Serial : 0;
        var overlay = _sources.SelectMany(one => one.Current.AllOverlay).ToList();
        return new ZoneContent(zone, ReferenceEquals(zone, ofView) ? null : ofView, view, changes, overlay, serial);
    }

    private static DeclaredZone? Declared(IReadOnlyList<IZoneSource> sources, Name origin, string? view)
    {
        foreach (var source in sources)
        {
            foreach (var zone in source.Current.Zones)
            {
                if (zone.Origin == origin && zone.View == view)
                {
                    return zone;
                }
            }
        }

        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(1620, LogLevel.Debug, "An update of {Zone} by key {Key} from {Client} is made")]
        public static partial void Made(ILogger logger, Name zone, Name key, ClientAddress client);

        [LoggerMessage(1621, LogLevel.Warning, "An update of {Zone} with {Key} from {Client} is refused ({Rcode}): {Why}")]
        public static partial void Refused(ILogger logger, Name zone, string key, ClientAddress client, Rcode rcode, string why);

        [LoggerMessage(1622, LogLevel.Debug, "An update of {Zone} with {Key} from {Client} changes nothing ({Rcode}): {Why}")]
        public static partial void NotMade(ILogger logger, Name zone, string key, ClientAddress client, Rcode rcode, string why);
    }
}
