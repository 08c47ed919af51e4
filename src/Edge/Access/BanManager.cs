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

    private static readonly TimeSpan RememberedFor = TimeSpan.FromDays(30);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _writing = new();
    private readonly RateTable _offences = new(setup.Time);
    private readonly Dictionary<IPNetwork, Ban> _bans = [];

    // Requests and queries only leave a note; what is slow about it is the loop's.
    private readonly Channel<Offence> _notes = Channel.CreateUnbounded<Offence>(new UnboundedChannelOptions { SingleReader = true });
    private int _waiting;
    private ImmutableDictionary<IPNetwork, Ban> _fed = ImmutableDictionary<IPNetwork, Ban>.Empty;
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
                return [.. _bans.Values.Concat(_fed.Values).Where(ban => ban.Until > now).OrderBy(ban => ban.Until).ThenBy(ban => ban.Network.ToString(), StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>For a gateway that bans nobody.</summary>
    public static BanManager Off(ILogger log) =>
        new(new BanSetup { Options = new BanOptions { On = false }, IsLan = static _ => false, Store = null, Time = TimeProvider.System, Log = log });

    /// <summary>Whether a client is banned. Clients of the LAN are never, whatever network a ban names.</summary>
    public bool Holds(IPAddress client) => _current is { IsEmpty: false } current && current.Contains(ClientAddress.From(client)) && !setup.IsLan(client);

    /// <summary>Takes over what edge.yaml says.</summary>
    public void Use(BanOptions options) => _options = options;

    /// <summary>Leaves a note of what a client did; never waits.</summary>
    /// <param name="client">Who; IPv4 as IPv4.</param>
    /// <param name="kind">What.</param>
    /// <param name="where">The host that was asked.</param>
    public void Note(IPAddress client, OffenceKind kind, string where)
    {
        if (_options.On)
        {
            // Too many at once: the rest of them says nothing new.
            if (Interlocked.Increment(ref _waiting) > MostWaiting || !_notes.Writer.TryWrite(new Offence(client, kind, where)))
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

            Publish();
        }
    }

    /// <summary>Counts and bans, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var sweep = new PeriodicTimer(SweepEvery, setup.Time);
        var due = sweep.WaitForNextTickAsync(cancel).AsTask();
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                var note = _notes.Reader.WaitToReadAsync(cancel).AsTask();
                await Task.WhenAny(note, due);
                while (_notes.Reader.TryRead(out var offence))
                {
                    await TakeAsync(offence, cancel);
                    Interlocked.Decrement(ref _waiting);
                }

                if (due.IsCompleted)
                {
                    await SweepAsync(cancel);
                    due = sweep.WaitForNextTickAsync(cancel).AsTask();
                }
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
            var now = setup.Time.GetUtcNow();
            var times = (_bans.TryGetValue(network, out var before) && now - before.Until < RememberedFor ? before.Times : 0) + 1;
            ban = new Ban(network, now + (length ?? Step(times)), reason, source, times);
            _bans[network] = ban;
            Publish();
        }

        Log.Banned(setup.Log, Ban.Text(network), DurationText.Format(length ?? Step(ban.Times)), reason, ban.Times);
        await KeepAsync(ban, cancel);
        return ban;
    }

    /// <summary>Ends a ban and forgets it. False when there is none.</summary>
    public async Task<bool> RemoveAsync(IPNetwork network, CancellationToken cancel)
    {
        lock (_writing)
        {
            var fed = _fed.ContainsKey(network);
            _fed = _fed.Remove(network);
            if (!_bans.Remove(network) && !fed)
            {
                return false;
            }

            Publish();
        }

        Log.Removed(setup.Log, Ban.Text(network));
        if (setup.Store is not null)
        {
            await setup.Store.DeleteAsync(Prefix + network, null, cancel);
        }

        return true;
    }

    /// <summary>Takes over what a feed says now.</summary>
    public void Feed(ImmutableDictionary<IPNetwork, Ban> fed)
    {
        lock (_writing)
        {
            _fed = fed;
            Publish();
        }
    }

    /// <summary>Whether a network may be banned by no program: it holds somebody of the LAN, or of those who never are.</summary>
    public bool IsExempt(IPNetwork network) => setup.IsLan(network.BaseAddress) || _options.Never.Any(never => never.Contains(network.BaseAddress) || network.Contains(never.BaseAddress));

    private async Task TakeAsync(Offence offence, CancellationToken cancel)
    {
        var options = _options;
        var word = BanOptions.Word(offence.Kind);
        if (!options.After.TryGetValue(offence.Kind, out var most) || most == 0)
        {
            return;
        }

        var client = ClientKey.Of(offence.Client);
        if (_offences.Allows(word, client, new RateRule(most, options.Within, most), out _))
        {
            Log.Offence(setup.Log, word, offence.Client, offence.Where);
            return;
        }

        var network = client.ToNetwork();
        if (!IsExempt(network) && !setup.IsLan(offence.Client) && !_current.Contains(ClientAddress.From(offence.Client)))
        {
            await AddAsync(network, word, Ban.ByEdge, null, cancel);
        }
    }

    private TimeSpan Step(int times)
    {
        var options = _options;
        var length = options.For * Math.Pow(Growth, Math.Min(times - 1, 20));
        return length < options.AtMost ? length : options.AtMost;
    }

    // A ban that is over stays known for a while, and out of the snapshot.
    private async Task SweepAsync(CancellationToken cancel)
    {
        var now = setup.Time.GetUtcNow();
        List<IPNetwork> forgotten;
        lock (_writing)
        {
            forgotten = [.. _bans.Values.Where(ban => now - ban.Until > RememberedFor).Select(ban => ban.Network)];
            forgotten.ForEach(network => _bans.Remove(network));
            if (!_current.IsEmpty)
            {
                Publish();
            }
        }

        foreach (var network in setup.Store is null ? [] : forgotten)
        {
            await setup.Store!.DeleteAsync(Prefix + network, null, cancel);
        }
    }

    private async Task KeepAsync(Ban ban, CancellationToken cancel)
    {
        try
        {
            if (setup.Store is not null)
            {
                await setup.Store.PutAsync(Prefix + ban.Network, BanFormat.Write(ban), null, null, cancel);
            }
        }
        catch (StoreUnavailableException away)
        {
            Log.NotKept(setup.Log, Ban.Text(ban.Network), away.Message);
        }
    }

    private void Publish()
    {
        var now = setup.Time.GetUtcNow();
        List<(IPNetwork Network, DateTimeOffset Until)> active = [.. _bans.Values.Concat(_fed.Values).Where(ban => ban.Until > now).Select(ban => (ban.Network, ban.Until))];
        _current = active.Count == 0 ? BanSet.None : new BanSet(active, setup.Time);
    }

    private readonly record struct Offence(IPAddress Client, OffenceKind Kind, string Where);

    private static partial class Log
    {
        // What fail2ban reads: docs/access.md has the filter.
        [LoggerMessage(5240, LogLevel.Information, "Offence {Kind} by {Client} at {Where}")]
        public static partial void Offence(ILogger log, string kind, IPAddress client, string where);

        [LoggerMessage(5241, LogLevel.Warning, "Banned {Network} for {Time}: {Reason} (ban {Times} of this address)")]
        public static partial void Banned(ILogger log, string network, string time, string reason, int times);

        [LoggerMessage(5242, LogLevel.Information, "The ban of {Network} was removed")]
        public static partial void Removed(ILogger log, string network);

        [LoggerMessage(5243, LogLevel.Error, "The ban of {Network} holds until the next start, since it could not be stored: {Reason}")]
        public static partial void NotKept(ILogger log, string network, string reason);

        [LoggerMessage(5244, LogLevel.Error, "What addresses did could not be counted; counting goes on")]
        public static partial void Failed(ILogger log, Exception error);
    }
}
