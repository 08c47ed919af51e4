using System.Collections.Immutable;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Zones.Aliases;

/// <summary>
/// Gives the owners of ALIAS records their addresses, in each view by itself: from our own zones as soon as these
/// change, from elsewhere as often as the TTL wants it. What it declares are plain A and AAAA sets, which are signed,
/// transferred and explained like all others. While addresses are not known, the zone answers SERVFAIL for them.
/// </summary>
public sealed partial class AliasSource : IZoneSource, IAsyncDisposable
{
    private static readonly RecordType[] Families = [RecordType.A, RecordType.AAAA];

    private readonly Func<Name, RecordType, CancellationToken, ValueTask<TargetAddresses?>> _ask;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _timer;
    private Dictionary<(Name Target, RecordType Type), OutsideTarget> _outside = [];
    private volatile ZoneContribution _current = ZoneContribution.Empty;
    private ZoneManager? _zones;
    private int _asking;

    /// <summary>A source that declares nothing before <see cref="Follow"/>.</summary>
    /// <param name="ask">Asks for the addresses of a name outside of our zones; null when they cannot be learned.</param>
    /// <param name="time">The clock of questions and answers.</param>
    /// <param name="logger">Told when a target cannot be learned, and when it can be again.</param>
    public AliasSource(Func<Name, RecordType, CancellationToken, ValueTask<TargetAddresses?>> ask, TimeProvider time, ILogger logger)
    {
        (_ask, _time, _logger) = (ask, time, logger);
        _timer = time.CreateTimer(_ => Update(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public string Name => "aliases";

    /// <inheritdoc/>
    public ZoneContribution Current => _current;

    /// <inheritdoc/>
    public event Action? Changed;

    /// <summary>Whether nobody is being asked at this moment.</summary>
    internal bool IsIdle => Volatile.Read(ref _asking) == 0;

    /// <summary>Begins to follow the zones of a manager, which has this source among its own.</summary>
    public void Follow(ZoneManager zones)
    {
        _zones = zones;
        zones.Changed += Update;
        Update();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_zones is not null)
        {
            _zones.Changed -= Update;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    private void Update()
    {
        List<(Name Target, RecordType Type)> due;
        bool changed;
        lock (_gate)
        {
            var zones = _zones!.Current;
            if (zones.Aliases.IsEmpty && _outside.Count == 0 && _current.Changes.IsEmpty)
            {
                return;
            }

            var now = _time.GetUtcNow();
            var needed = new Dictionary<(Name, RecordType), OutsideTarget>();
            changed = Declare(Sets(zones, needed, now));
            _outside = needed;
            due = Schedule(now);
        }

        Interlocked.Add(ref _asking, due.Count);
        if (changed)
        {
            Changed?.Invoke();
        }

        due.ForEach(target => _ = AskAsync(target.Target, target.Type));
    }

    private List<ChangedRRset> Sets(ZoneSet zones, Dictionary<(Name, RecordType), OutsideTarget> needed, DateTimeOffset now)
    {
        var paths = new AliasPaths(zones);
        var sets = new List<ChangedRRset>();
        foreach (var alias in zones.Aliases)
        {
            var unknown = false;
            foreach (var type in Families)
            {
                var end = paths.Follow(alias, type);
                var found = end.Outside is { } name ? Outside(needed, (name, type)).At(now) : end.Data.IsDefault ? null : new TargetAddresses(end.Data, end.Ttl);
                unknown |= found is null;
                if (found is { Data.IsEmpty: false })
                {
                    sets.Add(new ChangedRRset(alias.View, alias.Owner, type, Math.Min(end.Ttl, found.Ttl), found.Data, alias.Source) { Zone = alias.Zone });
                }
            }

            if (!unknown)
            {
                // The ALIAS itself has done its work: what the owner lacks now, it has not.
                sets.Add(new ChangedRRset(alias.View, alias.Owner, RecordType.ALIAS, 0, [], alias.Source) { Zone = alias.Zone });
            }
        }

        return sets;
    }

    private OutsideTarget Outside(Dictionary<(Name, RecordType), OutsideTarget> needed, (Name, RecordType) target)
    {
        if (!needed.TryGetValue(target, out var known))
        {
            needed.Add(target, known = _outside.GetValueOrDefault(target) ?? new OutsideTarget());
        }

        return known;
    }

    // The manager rebuilds what is another object: what says the same stays the same.
    private bool Declare(List<ChangedRRset> sets)
    {
        var before = _current.Changes.ToDictionary(set => (set.View, set.Zone, set.Owner, set.Type));
        var same = 0;
        for (var i = 0; i < sets.Count; i++)
        {
            if (before.TryGetValue((sets[i].View, sets[i].Zone, sets[i].Owner, sets[i].Type), out var old)
                && old.Ttl == sets[i].Ttl && old.Source == sets[i].Source && old.Data.AsSpan().SequenceEqual(sets[i].Data.AsSpan()))
            {
                sets[i] = old;
                same++;
            }
        }

        if (same == sets.Count && same == before.Count)
        {
            return false;
        }

        _current = new ZoneContribution([], []) { Changes = [.. sets] };
        return true;
    }

    private List<(Name Target, RecordType Type)> Schedule(DateTimeOffset now)
    {
        var due = _outside.Where(one => !one.Value.IsAsked && one.Value.Due <= now).ToList();
        due.ForEach(one => one.Value.IsAsked = true);
        var next = _outside.Values.Where(target => !target.IsAsked).Select(target => target.Due).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        _timer.Change(next == DateTimeOffset.MaxValue ? Timeout.InfiniteTimeSpan : next - now, Timeout.InfiniteTimeSpan);
        return due.ConvertAll(one => one.Key);
    }

    private async Task AskAsync(Name target, RecordType type)
    {
        try
        {
            // Whoever changed a zone does not wait for this.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await LearnAsync(target, type).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _asking);
        }
    }

    private async Task LearnAsync(Name target, RecordType type)
    {
        TargetAddresses? answer = null;
        try
        {
            answer = await _ask(target, type, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error)
        {
            Log.AskFailed(_logger, target, type, error);
        }

        lock (_gate)
        {
            if (_outside.TryGetValue((target, type), out var known))
            {
                Tell(target, type, answer, known);
                known.Learn(answer, _time.GetUtcNow());
            }
        }

        Update();
    }

    // Once when it begins to fail and once when it is over: the tries between are many.
    private void Tell(Name target, RecordType type, TargetAddresses? answer, OutsideTarget before)
    {
        if (answer is null && !before.IsFailing)
        {
            var consequence = before.At(_time.GetUtcNow()) is null ? "names that are an ALIAS of it answer SERVFAIL" : "what was known of it is still served";
            Log.NotLearned(_logger, target, type, consequence);
        }
        else if (answer is not null && before.IsFailing)
        {
            Log.Learned(_logger, target, type);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1120, LogLevel.Information, "The {Type} records of the ALIAS target {Target} can be learned again")]
        public static partial void Learned(ILogger logger, Name target, RecordType type);

        [LoggerMessage(1121, LogLevel.Warning, "The {Type} records of the ALIAS target {Target} cannot be learned; {Consequence}")]
        public static partial void NotLearned(ILogger logger, Name target, RecordType type, string consequence);

        [LoggerMessage(1122, LogLevel.Error, "Asking for the {Type} records of the ALIAS target {Target} failed; it is tried again")]
        public static partial void AskFailed(ILogger logger, Name target, RecordType type, Exception error);
    }
}
