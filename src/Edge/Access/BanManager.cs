using System.Collections.Immutable;
using System.Net;
using System.Threading.Channels;
using Edge.Dns.Nameserver;
using Edge.Services;
using Edge.Settings;
using Edge.Stores;

namespace Edge.Access;

/// <summary>
/// The one writer of the bans. It counts what addresses are remembered for, bans those with too much of it, for longer
/// each time, and keeps the bans over restarts. Gateway and DNS go by the same snapshot.
/// </summary>
internal sealed partial class BanManager(BanSetup setup)
{
    /// <summary>Under this prefix each ban stands in the store.</summary>
    public const string Prefix = "bans/";

    private const int Growth = 4;
    private const int MostWaiting = 4096;
    private const int MostWrites = 256;

    private static readonly Task Never = Task.Delay(Timeout.Infinite);
    private static readonly TimeSpan RememberedFor = TimeSpan.FromDays(30);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    // A snapshot takes the longer to make the more are banned: under an attack by many there is one in this time.
    private static readonly TimeSpan PublishEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastWrites = TimeSpan.FromSeconds(2);

    private readonly Lock _writing = new();
    private readonly RateTable _offences = new(setup.Time);
    private readonly Dictionary<IPNetwork, Ban> _bans = [];
    private readonly ExemptNetworks _exempt = new(setup);

    // Of these the store does not know yet whether they are banned.
    private readonly HashSet<IPNetwork> _unkept = [];

    // Requests and queries only leave a note; what is slow about it is the loop's.
    private readonly Channel<Offence> _notes = Channel.CreateUnbounded<Offence>(new UnboundedChannelOptions { SingleReader = true });
    private int _waiting;
    private ImmutableDictionary<IPNetwork, Ban> _fed = ImmutableDictionary<IPNetwork, Ban>.Empty;
    private HashSet<IPNetwork> _spared = [];
    private HashSet<IPNetwork> _holed = [];
    private long? _published;
    private volatile BanSet _current = BanSet.None;
    private volatile BanOptions _options = setup.Options;

    /// <summary>Who is banned now.</summary>
    public BanSet Current => _current;

    /// <summary>What edge.yaml says.</summary>
    public BanOptions Options => _options;

    /// <summary>How many notes have not been looked at.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Every ban that has not ended, ordered by its end.</summary>
    public ImmutableArray<Ban> All
    {
        get
        {
            var now = setup.Time.GetUtcNow();
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
    public bool Holds(IPAddress client) => _current is { IsEmpty: false } current && current.Contains(ClientAddress.From(client)) && !setup.IsLan(client);

    /// <summary>Takes over what edge.yaml says.</summary>
    public void Use(BanOptions options)
    {
        lock (_writing)
        {
            _options = options;
            Spare();
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
            // Too many at once: the rest of them says nothing new.
            if (Interlocked.Increment(ref _waiting) > MostWaiting || !_notes.Writer.TryWrite(new Offence(client, kind, where, isEmbedded)))
            {
                Interlocked.Decrement(ref _waiting);
            }
        }
    }

    /// <summary>The bans that the store has, before anything is served.</summary>
    public async Task LoadAsync(CancellationToken cancel)
    {
        if (setup.Store is null)
        {
            return;
        }

        var listing = await setup.Store.ListAsync(Prefix, cancel);
        lock (_writing)
        {
            foreach (var ban in listing.Entries.Select(entry => BanFormat.Read(entry.Value)).OfType<Ban>())
            {
                _bans[ban.Network] = ban;
            }

            Spare();
            Publish();
        }
    }

    /// <summary>Counts and bans, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await CountAsync(cancel);
        using var last = new CancellationTokenSource(LastWrites, setup.Time);
        try
        {
            await FlushAsync(last.Token);
        }
        catch (Exception unexpected)
        {
            Log.Failed(setup.Log, unexpected);
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

        await KeepAsync(network, cancel);
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
            Log.Removed(setup.Log, Ban.Text(ban.Network));
            await StoreAsync(ban.Network, cancel);
        }

        return [.. gone];
    }

    /// <summary>Takes over what a feed says now.</summary>
    public void Feed(ImmutableDictionary<IPNetwork, Ban> fed)
    {
        lock (_writing)
        {
            _fed = fed;
            Spare();
            Publish();
        }
    }

    /// <summary>Whether a network may be banned by no program: it holds somebody of the LAN, or of those who never are.</summary>
    public bool IsExempt(IPNetwork network) => _exempt.Reach(network, _options);

    private async Task CountAsync(CancellationToken cancel)
    {
        using var sweep = new PeriodicTimer(SweepEvery, setup.Time);
        var due = sweep.WaitForNextTickAsync(cancel).AsTask();
        var late = Never;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                var note = _notes.Reader.WaitToReadAsync(cancel).AsTask();
                await Task.WhenAny(note, due, late);
                while (_notes.Reader.TryRead(out var offence))
                {
                    await TakeAsync(offence, cancel);
                    Interlocked.Decrement(ref _waiting);
                }

                if (due.IsCompleted)
                {
                    Sweep();
                    due = sweep.WaitForNextTickAsync(cancel).AsTask();
                }

                await PublishLateAsync(cancel);
                late = _unkept.Count == 0 ? Never : late.IsCompleted || late == Never ? Task.Delay(PublishEvery, setup.Time, cancel) : late;
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception unexpected)
            {
                Log.Failed(setup.Log, unexpected);
            }
        }
    }

    private async Task TakeAsync(Offence offence, CancellationToken cancel)
    {
        var options = _options;
        var word = BanOptions.Word(offence.Kind);
        if (!options.After.TryGetValue(offence.Kind, out var most) || most == 0)
        {
            return;
        }

        // Any page can make its visitor's browser do that, and would choose whom to ban.
        most *= offence.IsEmbedded ? EmbeddedRequest.CountsFor : 1;
        var client = ClientKey.Of(offence.Client);
        if (_offences.Allows(offence.IsEmbedded ? word + "*" : word, client, new RateRule(most, options.Within, most), out _))
        {
            if (!offence.IsEmbedded)
            {
                Log.Offence(setup.Log, word, offence.Client, offence.Where);
            }

            return;
        }

        var network = client.ToNetwork();
        if (!IsExempt(network) && !setup.IsLan(offence.Client) && !_current.Contains(ClientAddress.From(offence.Client)))
        {
            lock (_writing)
            {
                // It may be banned and not published yet.
                if (!_bans.TryGetValue(network, out var known) || known.Until <= setup.Time.GetUtcNow())
                {
                    Add(network, word, Ban.ByEdge, null);
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
            if (_unkept.Count == 0 || (_published is { } before && setup.Time.GetElapsedTime(before) < PublishEvery))
            {
                return;
            }

            if (_unkept.Select(network => _bans.GetValueOrDefault(network)).OfType<Ban>().ToList() is { Count: > 0 } added)
            {
                Widen(added);
                Publish();
                _published = setup.Time.GetTimestamp();
            }
        }

        await FlushAsync(cancel);
    }

    private void Widen(List<Ban> added)
    {
        foreach (var network in WiderNetworks.Of(added, _bans.Values, setup.Time.GetUtcNow()).Where(network => !IsExempt(network)).ToList())
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
            foreach (var some in unkept.Chunk(MostWrites))
            {
                await Task.WhenAll(some.Select(network => KeepAsync(network, cancel)));
            }
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
        var now = setup.Time.GetUtcNow();
        var times = (_bans.TryGetValue(network, out var before) && now - before.Until < RememberedFor ? before.Times : 0) + 1;
        var ban = new Ban(network, now + (length ?? Step(times)), reason, source, times);
        _bans[network] = ban;
        Bound();
        Log.Banned(setup.Log, Ban.Text(network), DurationText.Format(length ?? Step(times)), reason, times);
        return ban;
    }

    // A tenth at once, since it has to be looked for: those that end first, or ended long ago. What people said stays.
    private void Bound()
    {
        if (_bans.Count > setup.MostBans)
        {
            var gone = _bans.Values.Where(ban => ban.Source == Ban.ByEdge).OrderBy(ban => ban.Until).Take(_bans.Count - (setup.MostBans * 9 / 10)).Select(ban => ban.Network).ToList();
            gone.ForEach(network => _bans.Remove(network));
            _unkept.UnionWith(gone);
        }
    }

    // Who is never banned any more is let in, also where a ban is older than that: a ban of nobody else is none, and the rest of a wider
    // one holds, with holes.
    private void Spare()
    {
        var now = setup.Time.GetUtcNow();
        var (spared, holed) = (_spared, _holed);
        List<IPNetwork> all = [.. _bans.Values.Concat(_fed.Values).Where(ban => ban.Until > now).Select(ban => ban.Network)];
        _spared = [.. all.Where(network => _exempt.Fill(network, _options))];
        _holed = [.. all.Where(network => !_spared.Contains(network) && IsExempt(network))];
        if (_spared.Except(spared).ToList() is { Count: > 0 } lifted)
        {
            Log.Lifted(setup.Log, lifted.Count, Ban.Text(lifted[0]));
        }

        if (_holed.Except(holed).ToList() is { Count: > 0 } rest)
        {
            Log.Holed(setup.Log, rest.Count, Ban.Text(rest[0]));
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
        var now = setup.Time.GetUtcNow();
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

    private async Task KeepAsync(IPNetwork network, CancellationToken cancel)
    {
        try
        {
            await StoreAsync(network, cancel);
        }
        catch (StoreUnavailableException away)
        {
            Log.NotKept(setup.Log, Ban.Text(network), away.Message);
        }
    }

    // Several may write of one network: what stands in the store at the end is what holds then.
    private async Task StoreAsync(IPNetwork network, CancellationToken cancel)
    {
        var written = Known(network);
        for (var again = setup.Store is not null; again; again = written != (written = Known(network)))
        {
            if (written is null)
            {
                await setup.Store!.DeleteAsync(Prefix + network, null, cancel);
            }
            else
            {
                await setup.Store!.PutAsync(Prefix + network, BanFormat.Write(written), null, null, cancel);
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
        List<(IPNetwork Network, DateTimeOffset Until)> active = [.. Active(setup.Time.GetUtcNow()).Select(ban => (ban.Network, ban.Until))];
        _current = active.Count == 0 ? BanSet.None : new BanSet(active, setup.Time, _options.Never);
    }

    private readonly record struct Offence(IPAddress Client, OffenceKind Kind, string Where, bool IsEmbedded);

    private static partial class Log
    {
        // What fail2ban reads: docs/access.md has the filter.
        [LoggerMessage(5240, LogLevel.Information, "Offence {Kind} by {Client} at {Where}")]
        public static partial void Offence(ILogger log, string kind, IPAddress client, string where);

        [LoggerMessage(5241, LogLevel.Warning, "Banned {Network} for {Time}: {Reason} (ban {Times} of this address)")]
        public static partial void Banned(ILogger log, string network, string time, string reason, int times);

        [LoggerMessage(5242, LogLevel.Information, "The ban of {Network} was removed")]
        public static partial void Removed(ILogger log, string network);

        [LoggerMessage(5243, LogLevel.Error, "What was said of the ban of {Network} holds until the next start, since it could not be stored: {Reason}")]
        public static partial void NotKept(ILogger log, string network, string reason);

        [LoggerMessage(5245, LogLevel.Warning, "{Count} bans hold no longer, since all whom they name are of the LAN or of access.bans.never: {First} and the like")]
        public static partial void Lifted(ILogger log, int count, string first);

        [LoggerMessage(5246, LogLevel.Information, "{Count} bans hold for all but those in them who are of the LAN or of access.bans.never: {First} and the like")]
        public static partial void Holed(ILogger log, int count, string first);

        [LoggerMessage(5244, LogLevel.Error, "What addresses did could not be counted; counting goes on")]
        public static partial void Failed(ILogger log, Exception error);
    }
}
