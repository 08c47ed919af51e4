using System.Collections.Immutable;
using System.Threading.Channels;
using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Transfer;

/// <summary>
/// One zone that other servers have and we follow (RFC 1034 §4.3.5): asks for its serial now and then and when it is
/// told to, fetches what is new, keeps it on disk, and stops serving it when nobody could be asked for too long.
/// </summary>
internal sealed partial class SecondaryZone
{
    private const int SavedAtOnce = 20_000;
    private static readonly TimeSpan SaveInterval = TimeSpan.FromMinutes(1);

    private readonly SecondaryParts _parts;
    private readonly Channel<PrimaryServer?> _told = Channel.CreateBounded<PrimaryServer?>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop;
    private HeldZone? _held;
    private bool _broken;
    private bool _unsaved;
    private DateTimeOffset _saved = DateTimeOffset.MinValue;
    private int _failures;
    private PrimaryServer? _preferred;
    private Task _running = Task.CompletedTask;
    private volatile SecondaryState _state = SecondaryState.Empty;

    /// <summary>Takes what is on disk; nothing is asked before <see cref="Start"/>.</summary>
    public SecondaryZone(SecondarySetting setting, SecondaryParts parts, CancellationToken stop)
    {
        (Setting, _parts) = (setting, parts);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (parts.Store.Load(setting) is { } stored)
        {
            _held = stored.Zone;
            _state = new SecondaryState(null, [], _held.Serial, stored.Refreshed, false, null);
            Publish(tell: false);
            Log.Loaded(parts.Logger, setting.Origin, _held.Serial, stored.Refreshed.UtcDateTime, _state.Expired ? "expired" : "served");
        }
    }

    public SecondarySetting Setting { get; }

    /// <summary>Whether a catalog lists it, and not the settings.</summary>
    public bool IsMember { get; init; }

    public SecondaryState State => _state;

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Asks the primaries soon, this one first (RFC 1996 §4.3).</summary>
    public void Tell(PrimaryServer? from) => _told.Writer.TryWrite(from);

    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        if (!_broken)
        {
            Save(atOnce: true);
        }

        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        // While we were away a NOTIFY may have been missed: the first question is asked at once.
        var wait = TimeSpan.Zero;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await WaitAsync(wait).ConfigureAwait(false);
                ExpireIfDue();
                wait = await RefreshAsync().ConfigureAwait(false) ? SecondaryTimers.Refresh(_held!.Soa) : SecondaryTimers.Retry(_held?.Soa, _failures);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.Failed(_parts.Logger, e, Setting.Origin);
                wait = SecondaryTimers.Retry(_held?.Soa, ++_failures);
            }
        }
    }

    private async Task WaitAsync(TimeSpan wait)
    {
        if (_held is not null && !_state.Expired)
        {
            var left = ExpiresAt() - _parts.Time.GetUtcNow();
            wait = left < wait ? left : wait;
        }

        if (wait <= TimeSpan.Zero)
        {
            return;
        }

        using var timer = new CancellationTokenSource(wait, _parts.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, _stop.Token);
        try
        {
            _preferred = await _told.Reader.ReadAsync(either.Token).ConfigureAwait(false) ?? _preferred;
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
        }
    }

    private DateTimeOffset ExpiresAt() => (_state.Refreshed ?? DateTimeOffset.MinValue) + SecondaryTimers.Expire(_held!.Soa);

    // Takes the zone out of what is served once it is too old; the primaries are asked all the same.
    private void ExpireIfDue()
    {
        if (_held is not null && !_state.Expired && _parts.Time.GetUtcNow() >= ExpiresAt())
        {
            Log.Expired(_parts.Logger, Setting.Origin, _held.Serial, _state.Refreshed!.Value.UtcDateTime);
            Publish();
        }
    }

    // Asks one primary after the other until one answers; whether one did.
    private async Task<bool> RefreshAsync()
    {
        await _parts.Turns.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            var troubles = new List<string>();
            foreach (var primary in Setting.Primaries.OrderBy(one => one != _preferred))
            {
                try
                {
                    await RefreshFromAsync(primary).ConfigureAwait(false);
                    (_preferred, _failures) = (primary, 0);
                    return true;
                }
                catch (TransferException problem)
                {
                    troubles.Add($"{primary}: {problem.Message}");
                }
            }

            _failures++;
            var trouble = string.Join("; ", troubles);
            Log.NoPrimary(_parts.Logger, Setting.Origin, trouble);
            _state = _state with { Trouble = trouble };
            return false;
        }
        finally
        {
            _parts.Turns.Release();
        }
    }

    private async Task RefreshFromAsync(PrimaryServer primary)
    {
        var key = primary.Key is null ? null : _parts.Keys().Find(primary.Key)?.Key ?? throw new TransferException($"there is no key {primary.Key}");
        await using var connection = await PrimaryConnection.OpenAsync(primary, key, _parts.Time, _stop.Token).ConfigureAwait(false);
        var serial = await AskSerialAsync(connection).ConfigureAwait(false);
        if (_held is null || _broken || SerialArithmetic.IsNewer(serial, _held.Serial))
        {
            await FetchAsync(connection, primary).ConfigureAwait(false);
        }

        Refreshed();
    }

    private async Task<uint> AskSerialAsync(PrimaryConnection connection)
    {
        var question = new Message();
        question.Questions.Add(new Question(Setting.Origin, RecordType.SOA));
        await foreach (var answer in connection.AskAsync(question).ConfigureAwait(false))
        {
            return answer.Rcode == Rcode.NoError && answer.Answer.FirstOrDefault(record => record.Type == RecordType.SOA && record.Owner == Setting.Origin) is { } soa
                ? SerialArithmetic.Of(soa.Data)
                : throw new TransferException($"it does not serve {Setting.Origin} ({answer.Rcode.ToString().ToUpperInvariant()})");
        }

        throw new TransferException("no answer");
    }

    private async Task FetchAsync(PrimaryConnection connection, PrimaryServer primary)
    {
        if (_held is not null && !_broken)
        {
            try
            {
                await FetchAsync(connection, primary, RecordType.IXFR).ConfigureAwait(false);
                return;
            }
            catch (TransferException problem)
            {
                // A server that does not know IXFR, or whose changes are of something else, still has the zone (RFC 1995 §4).
                Log.NoChanges(_parts.Logger, Setting.Origin, primary, problem.Message);
            }
        }

        var key = primary.Key is null ? null : _parts.Keys().Find(primary.Key)?.Key;
        await using var fresh = await PrimaryConnection.OpenAsync(primary, key, _parts.Time, _stop.Token).ConfigureAwait(false);
        await FetchAsync(fresh, primary, RecordType.AXFR).ConfigureAwait(false);
    }

    private async Task FetchAsync(PrimaryConnection connection, PrimaryServer primary, RecordType type)
    {
        var question = new Message();
        question.Questions.Add(new Question(Setting.Origin, type));
        if (type == RecordType.IXFR)
        {
            question.Authority.Add(_held!.Soa);
        }

        var transfer = new IncomingTransfer(Setting.Origin, type == RecordType.IXFR ? _held!.Serial : null);
        await foreach (var message in connection.AskAsync(question).ConfigureAwait(false))
        {
            transfer.Take(message);
            if (transfer.Done)
            {
                break;
            }
        }

        if (!connection.IsSigned)
        {
            throw new TransferException("the last answer is not signed");
        }

        Take(transfer, primary);
    }

    private void Take(IncomingTransfer transfer, PrimaryServer primary)
    {
        if (transfer.UpToDate)
        {
            return;
        }

        var source = new RecordSource($"transfer from {primary.EndPoint}");
        if (transfer.Changes.Count > 0)
        {
            _broken = true;
            if (!_held!.TryApply(transfer.Changes, source))
            {
                throw new TransferException("changes of records that are not here");
            }
        }
        else
        {
            _held = new HeldZone(Setting.Origin, Setting.View, [.. transfer.Whole.Select(record => record with { Source = source })]);
        }

        _broken = false;
        _unsaved = true;
        Save(atOnce: _held.Count <= SavedAtOnce);
        Log.Transferred(_parts.Logger, Setting.Origin, _held.Serial, primary, transfer.Changes.Count > 0 ? "IXFR" : "AXFR", _held.Count);
    }

    private void Refreshed()
    {
        var now = _parts.Time.GetUtcNow();
        Save(atOnce: false);
        if (!_unsaved)
        {
            // What is on disk is current at this time; an older version must not be taken for it after a crash.
            _parts.Store.SaveRefreshed(Setting, now);
        }

        _state = _state with { Refreshed = now, Trouble = null };
        Publish();
    }

    // A large zone that changes often is not written at every change: after a crash the changes are asked for again.
    private void Save(bool atOnce)
    {
        var now = _parts.Time.GetUtcNow();
        if (_unsaved && (atOnce || now - _saved >= SaveInterval))
        {
            _parts.Store.Save(Setting, _held!);
            (_unsaved, _saved) = (false, now);
        }
    }

    // What is served follows from what is held and how old it is; others are told when that is otherwise than before.
    private void Publish(bool tell = true)
    {
        var before = _state;
        var expired = _held is not null && _parts.Time.GetUtcNow() >= ExpiresAt();
        _state = before with
        {
            Declared = expired ? null : _held?.Declared,
            Changes = expired || _held is null ? [] : _held.Changes,
            Serial = _held?.Serial,
            Expired = expired,
            Members = MembersNow(),
        };
        if (tell && (!ReferenceEquals(before.Declared, _state.Declared) || before.Changes != _state.Changes || before.Expired != _state.Expired))
        {
            _parts.Changed();
        }
    }

    // What a catalog that broke or expired has listed stays (RFC 9432 §5.1).
    private ImmutableArray<Name>? MembersNow()
    {
        if (!Setting.IsCatalog || _held is null)
        {
            return _state.Members;
        }

        var members = CatalogZone.MembersOf(Setting.Origin, _held.Records);
        if (members is null)
        {
            Log.BrokenCatalog(_parts.Logger, Setting.Origin, _held.Serial);
        }

        return members ?? _state.Members;
    }

    private static partial class Log
    {
        [LoggerMessage(1578, LogLevel.Warning, "{Origin} serial {Serial} is no catalog of version 2 (RFC 9432), or a broken one; its members stay as they were")]
        public static partial void BrokenCatalog(ILogger logger, Name origin, uint serial);

        [LoggerMessage(1571, LogLevel.Information, "{Origin} serial {Serial} is on disk, known to be current at {Refreshed:s}Z: {State}")]
        public static partial void Loaded(ILogger logger, Name origin, uint serial, DateTime refreshed, string state);

        [LoggerMessage(1572, LogLevel.Information, "{Origin} serial {Serial} came from {Primary} as {Form}; it has {Count} RRsets")]
        public static partial void Transferred(ILogger logger, Name origin, uint serial, PrimaryServer primary, string form, int count);

        [LoggerMessage(1573, LogLevel.Warning, "{Origin} could not be refreshed; {Trouble}")]
        public static partial void NoPrimary(ILogger logger, Name origin, string trouble);

        [LoggerMessage(1574, LogLevel.Debug, "{Origin}: {Primary} gives no changes ({Problem}); the whole zone is asked for")]
        public static partial void NoChanges(ILogger logger, Name origin, PrimaryServer primary, string problem);

        [LoggerMessage(1575, LogLevel.Error, "{Origin} serial {Serial} is expired and not served any more: no primary was heard of since {Refreshed:s}Z")]
        public static partial void Expired(ILogger logger, Name origin, uint serial, DateTime refreshed);

        [LoggerMessage(1576, LogLevel.Error, "Following {Origin} failed and goes on")]
        public static partial void Failed(ILogger logger, Exception error, Name origin);
    }
}
