using System.Collections.Frozen;
using System.Collections.Immutable;
using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Transfer;

/// <summary>All zones that we have from other servers: a source of zones, and who is told when one of them changes (RFC 1996).</summary>
public sealed partial class SecondaryZones : IZoneSource, IExchangeHandler, IAsyncDisposable
{
    private const int RefreshesAtOnce = 8;

    private readonly SecondaryParts _parts;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turns = new(RefreshesAtOnce);
    private ImmutableArray<SecondarySetting> _settings = [];
    private ImmutableArray<SecondaryZone> _zones = [];
    private volatile ZoneContribution _current = ZoneContribution.Empty;
    private volatile UnavailableZones _unavailable = UnavailableZones.None;
    private bool _started;

    /// <summary>Takes what is on disk; nothing is asked before <see cref="Start"/>.</summary>
    /// <param name="settings">The zones.</param>
    /// <param name="folder">Where they are kept.</param>
    /// <param name="keys">The keys now.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told about transfers and trouble.</param>
    public SecondaryZones(ImmutableArray<SecondarySetting> settings, string folder, Func<RequestKeySet> keys, TimeProvider time, ILogger logger)
    {
        _parts = new SecondaryParts(keys, new SecondaryStore(folder, logger), _turns, Gather, time, logger);
        Use(settings);
    }

    /// <inheritdoc/>
    public string Name => "secondaries";

    /// <inheritdoc/>
    public ZoneContribution Current => _current;

    /// <summary>The zones that are ours to answer and cannot be answered now.</summary>
    public UnavailableZones Unavailable => _unavailable;

    /// <inheritdoc/>
    public event Action? Changed;

    /// <summary>How each zone stands.</summary>
    public IReadOnlyList<(SecondarySetting Setting, SecondaryState State)> States => [.. _zones.Select(zone => (zone.Setting, zone.State))];

    /// <summary>Begins to ask the primaries.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _started = true;
            foreach (var zone in _zones)
            {
                zone.Start();
            }
        }
    }

    /// <summary>Takes over other zones; those that stay as they were go on undisturbed.</summary>
    public void Use(ImmutableArray<SecondarySetting> settings)
    {
        lock (_gate)
        {
            _settings = settings;
            Arrange();
            if (_settings.Any(setting => setting.IsCatalog))
            {
                // Catalogs that came from disk list their members at once.
                Arrange();
            }
        }

        Gather();
    }

    /// <summary>
    /// Answers NOTIFY: only a primary of the zone is listened to, and by its key where it has one (RFC 1996 §3.10).
    /// </summary>
    public ValueTask AnswerAsync(Exchange exchange, CancellationToken cancel)
    {
        var zones = _zones.Where(zone => zone.Setting.Origin == exchange.Question.Name).ToList();
        if (zones.Count == 0)
        {
            return exchange.AnswerAsync(Rcode.NotAuth, cancel);
        }

        var told = false;
        foreach (var zone in zones)
        {
            var from = zone.Setting.Primaries.FirstOrDefault(primary =>
                ClientAddress.From(primary.EndPoint.Address) == exchange.Context.Client && (primary.Key is null || primary.Key == exchange.Key));
            if (from is null)
            {
                continue;
            }

            told = true;
            // A serial that is not newer is no news (RFC 1996 §3.7, RFC 1982 §3.2).
            if (HintedSerial(exchange) is not { } serial || zone.State.Serial is not { } held || SerialArithmetic.IsNewer(serial, held))
            {
                zone.Tell(from);
            }
        }

        if (!told)
        {
            Log.Stranger(_parts.Logger, exchange.Context.Client, exchange.Question.Name, exchange.Key);
            return exchange.AnswerAsync(Rcode.Refused, cancel, ExtendedErrorCode.Prohibited, "not a primary of this zone");
        }

        return exchange.SendAsync(exchange.NewAnswer(Rcode.NoError, MessageFlags.Authoritative), cancel);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_zones.Select(zone => zone.StopAsync())).ConfigureAwait(false);
        _turns.Dispose();
        _stop.Dispose();
    }

    private static uint? HintedSerial(Exchange exchange) =>
        Message.TryParse(exchange.Request.Span, out var request, out _)
        && request.Answer.FirstOrDefault(record => record.Type == RecordType.SOA && record.Owner == exchange.Question.Name) is { } soa && soa.Data.Wire.Length >= 22
            ? SerialArithmetic.Of(soa.Data)
            : null;

    // The zones that are wanted: those that are there already stay, the others come and go.
    private void Arrange()
    {
        var members = _zones.Where(zone => _settings.Contains(zone.Setting)).SelectMany(Members).ToList();
        var wanted = _settings.Concat(members).DistinctBy(setting => (setting.Origin, setting.View)).ToList();
        var zones = ImmutableArray.CreateBuilder<SecondaryZone>();
        foreach (var setting in wanted)
        {
            if (_zones.FirstOrDefault(zone => zone.Setting.Equals(setting)) is { } there)
            {
                zones.Add(there);
                continue;
            }

            var zone = new SecondaryZone(setting, _parts, _stop.Token) { IsMember = !_settings.Contains(setting) };
            zones.Add(zone);
            if (_started)
            {
                zone.Start();
            }
        }

        foreach (var gone in _zones.Except(zones))
        {
            _ = EndAsync(gone, forget: gone.IsMember && !zones.Any(zone => zone.Setting.Origin == gone.Setting.Origin));
        }

        _zones = zones.ToImmutable();
    }

    // A member comes from where its catalog comes from, and is seen where that is seen.
    private static IEnumerable<SecondarySetting> Members(SecondaryZone catalog) =>
        (catalog.State.Members ?? []).Select(member => new SecondarySetting(member, catalog.Setting.View, catalog.Setting.Primaries));

    private async Task EndAsync(SecondaryZone zone, bool forget)
    {
        try
        {
            await zone.StopAsync().ConfigureAwait(false);
            if (forget)
            {
                // RFC 9432 §5.2: of a zone that left its catalog nothing stays.
                _parts.Store.Remove(zone.Setting);
            }
        }
        catch (Exception e)
        {
            Log.NotForgotten(_parts.Logger, e, zone.Setting.Origin);
        }
    }

    private void Gather()
    {
        lock (_gate)
        {
            if (_settings.Any(setting => setting.IsCatalog))
            {
                Arrange();
            }

            var states = _zones.Select(zone => (zone.Setting, zone.State)).ToList();
            _unavailable = new UnavailableZones([.. states.Where(zone => zone.State.Declared is null)
                .Select(zone => new UnavailableZone(zone.Setting.Origin, zone.Setting.View, zone.State.Expired ? ExtendedErrorCode.InvalidData : ExtendedErrorCode.NotReady))]);
            _current = new ZoneContribution([.. states.Select(zone => zone.State.Declared).OfType<DeclaredZone>()], [])
            {
                Changes = [.. states.Where(zone => zone.State.Declared is not null).SelectMany(zone => zone.State.Changes)],
            };
        }

        Changed?.Invoke();
    }

    private static partial class Log
    {
        [LoggerMessage(1579, LogLevel.Warning, "The files of {Origin}, which is no longer in its catalog, could not be removed")]
        public static partial void NotForgotten(ILogger logger, Exception error, Name origin);

        [LoggerMessage(1577, LogLevel.Debug, "NOTIFY of {Client} for {Origin} with key {Key} is refused: it is no primary of the zone")]
        public static partial void Stranger(ILogger logger, ClientAddress client, Name origin, Name? key);
    }
}
