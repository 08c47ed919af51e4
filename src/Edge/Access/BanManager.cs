using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Nameserver;
using Edge.Settings;

namespace Edge.Access;

/// <summary>
/// The one writer of the bans. It bans addresses that are remembered for too much (<see cref="OffenceCounter"/>), for longer
/// each time, and has the bans kept over restarts (<see cref="KeptBans"/>). Gateway and DNS go by the same snapshot.
/// </summary>
internal sealed partial class BanManager
{
    /// <summary>Under this prefix each ban stands in the store.</summary>
    public const string Prefix = "bans/";

    private const int Growth = 4;

    private static readonly Task Never = Task.Delay(Timeout.Infinite);
    private static readonly TimeSpan RememberedFor = TimeSpan.FromDays(30);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    // A snapshot takes the longer to make the more are banned: under an attack by many there is one in this time.
    private static readonly TimeSpan PublishEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastWrites = TimeSpan.FromSeconds(2);

    private readonly Lock _writing = new();
    private readonly BanSetup _setup;
    private readonly OffenceCounter _offences;
    private readonly ExemptNetworks _exempt;
    private readonly SparedBans _spared;
    private readonly KeptBans _kept;
    private readonly Dictionary<IPNetwork, Ban> _bans = [];

    // Of these the store does not know yet whether they are banned.
    private readonly HashSet<IPNetwork> _unkept = [];

    private ImmutableDictionary<IPNetwork, Ban> _fed = ImmutableDictionary<IPNetwork, Ban>.Empty;
    private long? _published;
    private volatile BanSet _current = BanSet.None;
    private volatile BanOptions _options;

    /// <param name="setup">What it needs of the rest of the program.</param>
    public BanManager(BanSetup setup)
    {
        (_setup, _options, _offences, _exempt) = (setup, setup.Options, new OffenceCounter(setup), new ExemptNetworks(setup));
        (_spared, _kept) = (new SparedBans(setup, _exempt), new KeptBans(setup, Known));
    }

    /// <summary>Who is banned now.</summary>
    public BanSet Current => _current;

    /// <summary>What edge.yaml says.</summary>
    public BanOptions Options => _options;

    /// <summary>How many notes have not been looked at.</summary>
    public int Waiting => _offences.Waiting;

    /// <summary>Every ban that has not ended, ordered by its end.</summary>
    public ImmutableArray<Ban> All
    {
        get
        {
            var now = _setup.Time.GetUtcNow();
            lock (_writing)
            {
                return [.. Active(now).OrderBy(ban => ban.Until).ThenBy(ban => ban.Network.ToString(), StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>For a gateway that bans nobody.</summary>
    public static BanManager Off(ILogger log) =>
        new(new BanSetup { Options = new BanOptions { On = false }, IsLan = static _ => false, Store = null, Time = TimeProvider.System, Log = log });

    /// <summary>The bans that hold all of a network.</summary>
    public ImmutableArray<Ban> Around(IPNetwork network) => [.. All.Where(ban => ban.Holds(network))];

    /// <summary>Whether a client is banned. Clients of the LAN are never, whatever network a ban names.</summary>
    public bool Holds(IPAddress client) => _current is { IsEmpty: false } current && current.Contains(ClientAddress.From(client)) && !_setup.IsLan(client);

    /// <summary>Takes over what edge.yaml says.</summary>
    public void Use(BanOptions options)
    {
        lock (_writing)
        {
            _options = options;
            _spared.Look(_bans.Values.Concat(_fed.Values), _options);
            Publish();
        }
    }

    /// <summary>Leaves a note of what a client did; never waits.</summary>
    /// <param name="client">Who; IPv4 as IPv4.</param>
    /// <param name="kind">What.</param>
    /// <param name="where">The host that was asked.</param>
    /// <param name="isEmbedded">A page of another site had its visitor's browser do it, see <see cref="EmbeddedRequest"/>.</param>
    public void Note(IPAddress client, OffenceKind kind, string where, bool isEmbedded = false)
    {
        if (_options.On)
        {
            _offences.Note(new Offence(client, kind, where, isEmbedded));
        }
    }

    /// <summary>The bans that the store has, before anything is served.</summary>
    public async Task LoadAsync(CancellationToken cancel)
    {
        var kept = await _kept.LoadAsync(cancel);
        lock (_writing)
        {
            foreach (var ban in kept)
            {
                _bans[ban.Network] = ban;
            }

            _spared.Look(_bans.Values.Concat(_fed.Values), _options);
            Publish();
        }
    }

    /// <summary>Counts and bans, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await CountAsync(cancel);
        using var last = new CancellationTokenSource(LastWrites, _setup.Time);
        try
        {
            await FlushAsync(last.Token);
        }
        catch (Exception unexpected)
        {
            Log.Failed(_setup.Log, unexpected);
        }
    }

    /// <summary>Bans a network, for longer than the time before when nothing is said.</summary>
    /// <param name="network">Who.</param>
    /// <param name="reason">Why.</param>
    /// <param name="source">Who says so.</param>
    /// <param name="length">For how long; null for the next step.</param>
    /// <param name="cancel">Ends the wait for the store.</param>
    public async Task<Ban> AddAsync(IPNetwork network, string reason, string source, TimeSpan? length, CancellationToken cancel)
    {
        Ban ban;
        lock (_writing)
        {
            ban = Add(network, reason, source, length);
            Publish();
        }

        await _kept.KeepAsync(network, cancel);
        return ban;
    }

    /// <summary>Ends every ban that holds all of a network, and forgets it. What a wide one was made of goes with it, or would make it again.</summary>
    /// <returns>Those that were ended.</returns>
    public async Task<ImmutableArray<Ban>> RemoveAsync(IPNetwork network, CancellationToken cancel)
    {
        List<Ban> gone;
        lock (_writing)
        {
            gone = [.. _bans.Values.Concat(_fed.Values).Where(ban => ban.Holds(network)).DistinctBy(ban => ban.Network)];
            gone.AddRange([.. _bans.Values.Where(ban => !ban.Holds(network) && gone.Exists(wide => WiderNetworks.Made(wide, ban)))]);
            gone.ForEach(ban => _bans.Remove(ban.Network));
            _fed = _fed.RemoveRange(gone.Select(ban => ban.Network));
            if (gone.Count > 0)
            {
                Publish();
            }
        }

        foreach (var ban in gone)
        {
            Log.Removed(_setup.Log, Ban.Text(ban.Network));
            await _kept.WriteAsync(ban.Network, cancel);
        }

        return [.. gone];
    }

    /// <summary>Takes over what a feed says now.</summary>
    public void Feed(ImmutableDictionary<IPNetwork, Ban> fed)
    {
        lock (_writing)
        {
            _fed = fed;
            _spared.Look(_bans.Values.Concat(_fed.Values), _options);
            Publish();
        }
    }

    /// <summary>Whether a network may be banned by no program: it holds somebody of the LAN, or of those who never are.</summary>
    public bool IsExempt(IPNetwork network) => _exempt.Reach(network, _options);

    private async Task CountAsync(CancellationToken cancel)
    {
        using var sweep = new PeriodicTimer(SweepEvery, _setup.Time);
        var due = sweep.WaitForNextTickAsync(cancel).AsTask();
        var late = Never;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await Task.WhenAny(_offences.ArrivesAsync(cancel), due, late);
                while (_offences.TryTake(out var offence))
                {
                    await TakeAsync(offence, cancel);
                    _offences.Took();
                }

                if (due.IsCompleted)
                {
                    Sweep();
                    due = sweep.WaitForNextTickAsync(cancel).AsTask();
                }

                await PublishLateAsync(cancel);
                late = _unkept.Count == 0 ? Never : late.IsCompleted || late == Never ? Task.Delay(PublishEvery, _setup.Time, cancel) : late;
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception unexpected)
            {
                Log.Failed(_setup.Log, unexpected);
            }
        }
    }

    private async Task TakeAsync(Offence offence, CancellationToken cancel)
    {
        if (!_offences.IsTooMuch(offence, _options))
        {
            return;
        }

        var network = ClientKey.Of(offence.Client).ToNetwork();
        if (!IsExempt(network) && !_setup.IsLan(offence.Client) && !_current.Contains(ClientAddress.From(offence.Client)))
        {
            lock (_writing)
            {
                // It may be banned and not published yet.
                if (!_bans.TryGetValue(network, out var known) || known.Until <= _setup.Time.GetUtcNow())
                {
                    Add(network, BanOptions.Word(offence.Kind), Ban.ByEdge, null);
                    _unkept.Add(network);
                }
            }

            await PublishLateAsync(cancel);
        }
    }

    // The first ban holds at once; what comes behind it is collected. A clock that is set says nothing of how long that is.
    private async Task PublishLateAsync(CancellationToken cancel)
    {
        lock (_writing)
        {
            if (_unkept.Count == 0 || (_published is { } before && _setup.Time.GetElapsedTime(before) < PublishEvery))
            {
                return;
            }

            if (_unkept.Select(network => _bans.GetValueOrDefault(network)).OfType<Ban>().ToList() is { Count: > 0 } added)
            {
                Widen(added);
                Publish();
                _published = _setup.Time.GetTimestamp();
            }
        }

        await FlushAsync(cancel);
    }

    private void Widen(List<Ban> added)
    {
        foreach (var network in WiderNetworks.Of(added, _bans.Values, _setup.Time.GetUtcNow()).Where(network => !IsExempt(network)).ToList())
        {
            Add(network, WiderNetworks.Reason, Ban.ByEdge, null);
            _unkept.Add(network);
        }
    }

    // What was not written when it was cancelled is written at the end.
    private async Task FlushAsync(CancellationToken cancel)
    {
        IPNetwork[] unkept;
        lock (_writing)
        {
            unkept = [.. _unkept];
            _unkept.Clear();
        }

        try
        {
            await _kept.KeepAsync(unkept, cancel);
        }
        catch (OperationCanceledException)
        {
            lock (_writing)
            {
                _unkept.UnionWith(unkept);
            }

            throw;
        }
    }

    private Ban Add(IPNetwork network, string reason, string source, TimeSpan? length)
    {
        var now = _setup.Time.GetUtcNow();
        var times = (_bans.TryGetValue(network, out var before) && now - before.Until < RememberedFor ? before.Times : 0) + 1;
        var ban = new Ban(network, now + (length ?? Step(times)), reason, source, times);
        _bans[network] = ban;
        Bound();
        Log.Banned(_setup.Log, Ban.Text(network), DurationText.Format(length ?? Step(times)), reason, times);
        return ban;
    }

    // A tenth at once, since it has to be looked for: those that end first, or ended long ago. What people said stays.
    private void Bound()
    {
        if (_bans.Count > _setup.MostBans)
        {
            var gone = _bans.Values.Where(ban => ban.Source == Ban.ByEdge).OrderBy(ban => ban.Until).Take(_bans.Count - (_setup.MostBans * 9 / 10)).Select(ban => ban.Network).ToList();
            gone.ForEach(network => _bans.Remove(network));
            _unkept.UnionWith(gone);
        }
    }

    private IEnumerable<Ban> Active(DateTimeOffset now) => _bans.Values.Concat(_fed.Values).Where(ban => ban.Until > now && !_spared.Contains(ban.Network));

    private TimeSpan Step(int times)
    {
        var options = _options;
        var length = options.For * Math.Pow(Growth, Math.Min(times - 1, 20));
        return length < options.AtMost ? length : options.AtMost;
    }

    // A ban that is over stays known for a while, and out of the snapshot.
    private void Sweep()
    {
        var now = _setup.Time.GetUtcNow();
        lock (_writing)
        {
            List<IPNetwork> over = [.. _bans.Values.Where(ban => now - ban.Until > RememberedFor).Select(ban => ban.Network)];
            over.ForEach(network => _bans.Remove(network));
            _unkept.UnionWith(over);
            if (!_current.IsEmpty)
            {
                Publish();
            }
        }
    }

    private Ban? Known(IPNetwork network)
    {
        lock (_writing)
        {
            return _bans.GetValueOrDefault(network);
        }
    }

    private void Publish()
    {
        List<(IPNetwork Network, DateTimeOffset Until)> active = [.. Active(_setup.Time.GetUtcNow()).Select(ban => (ban.Network, ban.Until))];
        _current = active.Count == 0 ? BanSet.None : new BanSet(active, _setup.Time, _options.Never);
    }

    private static partial class Log
    {
        [LoggerMessage(5241, LogLevel.Warning, "Banned {Network} for {Time}: {Reason} (ban {Times} of this address)")]
        public static partial void Banned(ILogger log, string network, string time, string reason, int times);

        [LoggerMessage(5242, LogLevel.Information, "The ban of {Network} was removed")]
        public static partial void Removed(ILogger log, string network);

        [LoggerMessage(5244, LogLevel.Error, "What addresses did could not be counted; counting goes on")]
        public static partial void Failed(ILogger log, Exception error);
    }
}
