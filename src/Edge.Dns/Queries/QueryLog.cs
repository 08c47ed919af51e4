using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Queries;

/// <summary>
/// What is asked of this server: each thread that answers leaves its queries in a ring of its own, and one loop off the
/// query path reads the rings and makes of them the history, the statistics, the file, and what followers see.
/// </summary>
public sealed partial class QueryLog : IAsyncDisposable
{
    // Long enough that an idle house does not wake up for it, short enough for the eyes of who follows.
    private static readonly TimeSpan Busy = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly QuerySources _sources = new();
    private readonly QueryWords _words;
    private readonly List<QueryRing> _rings = [];
    private readonly List<RingReader> _readers = [];
    private readonly QueryHistory _history = new();
    private readonly QueryFollowers _followers;
    private readonly QueryCounter _counter;
    private readonly TotalCounter _totals = new();
    private readonly ImmutableArray<string> _transports;
    private readonly QueryFile _file;
    private readonly CancellationTokenSource _end = new();
    private readonly SlotTaker _take;
    private long _renewed;
    private QueryLogOptions _options = new() { Enabled = false };
    private ClientMask _mask = new(ClientDisplay.Full);
    private Task _draining = Task.CompletedTask;

    /// <summary>A log that nobody has written to.</summary>
    /// <param name="options">What is remembered.</param>
    /// <param name="viewName">The name of a view, by its index.</param>
    /// <param name="transports">What the transports are called, by their numbers.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told about trouble with the file.</param>
    public QueryLog(QueryLogOptions options, Func<int, string> viewName, ImmutableArray<string> transports, TimeProvider time, ILogger logger)
    {
        (_time, _logger, _transports) = (time, logger, transports);
        _words = new QueryWords(viewName, transports, _sources);
        _followers = new QueryFollowers(_words);
        _counter = new QueryCounter(transports, time.GetUtcNow());
        _file = new QueryFile(time, logger);
        Shared = new SharedQueryRing(_sources, time);
        _readers.Add(new RingReader(() => Shared.Slots));
        _take = Take;
        Use(options);
    }

    /// <summary>Whether queries are recorded.</summary>
    public bool IsRecording => Shared.Slots is not null;

    /// <summary>What is kept of clients' addresses.</summary>
    public ClientDisplay Clients => _options.Clients;

    /// <summary>Where those leave their queries that have no thread of their own.</summary>
    internal SharedQueryRing Shared { get; }

    /// <summary>Takes over other options, at once. What is remembered stays unless queries are not recorded any more.</summary>
    public void Use(QueryLogOptions options)
    {
        lock (_gate)
        {
            Drain();
            if (options.Clients != _options.Clients)
            {
                // What was kept of clients before is more than is wanted now, or less than can be told apart from it.
                _history.Clear();
                _counter.ForgetClients();
                _mask = new ClientMask(options.Clients);
            }

            if (!options.Enabled)
            {
                _history.Clear();
                _counter.ForgetClients();
            }

            var before = _options;
            _options = options;
            if (options.Enabled != before.Enabled)
            {
                Shared.Slots = null;
                _rings.ForEach(ring => ring.Slots = null);
                Renew(_time.GetUtcNow().UtcTicks);
            }

            _file.Use(options);
            Divide();
        }
    }

    /// <summary>Begins to read the rings.</summary>
    public void Start()
    {
        _file.Start();
        _draining = Task.Run(DrainAsync);
    }

    /// <summary>The latest queries that are wanted, the latest last.</summary>
    public IReadOnlyList<RecordedQuery> Find(QueryFilter filter)
    {
        lock (_gate)
        {
            Drain();
            return _history.Find(filter, _words);
        }
    }

    /// <summary>What was asked, in numbers.</summary>
    /// <param name="top">How many clients and names are told.</param>
    public QueryStatistics Statistics(int top)
    {
        lock (_gate)
        {
            Drain();
            return _counter.Report(top, _readers.Sum(reader => reader.Missed), _time.GetUtcNow().UtcTicks);
        }
    }

    /// <summary>What was asked since the start, in numbers that only grow; nothing while queries are not recorded.</summary>
    public QueryTotals Totals()
    {
        lock (_gate)
        {
            Drain();
            return _totals.Report(_transports, _readers.Sum(reader => reader.Missed));
        }
    }

    /// <summary>Shows queries as they come. Who is too slow misses some; nobody waits.</summary>
    public QueryFollower Follow(QueryFilter filter) => _followers.Add(filter);

    /// <summary>Ends the reading.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _draining.ConfigureAwait(false);
        Drain();
        _followers.End();
        await _file.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A ring for one thread.</summary>
    internal QueryRing OpenRing()
    {
        lock (_gate)
        {
            var ring = new QueryRing(_sources, _time) { Slots = _options.Enabled ? new QuerySlots() : null };
            _rings.Add(ring);
            _readers.Add(new RingReader(() => ring.Slots));
            Divide();
            return ring;
        }
    }

    /// <summary>Reads what the threads have left; returns how many queries that were.</summary>
    internal long Drain()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow().UtcTicks;
            var count = 0L;
            foreach (var reader in _readers)
            {
                var missed = reader.Missed;
                count += reader.Read(_take);
                _counter.AddMissed(reader.Missed - missed, now);
            }

            if (now - _renewed > _options.Age.Ticks)
            {
                Renew(now);
            }

            _history.Expire(now - _options.Age.Ticks);
            _counter.Expire(now);
            return count;
        }
    }

    // Where little is asked, a ring would hold for days what nobody is to know after an hour.
    private void Renew(long now)
    {
        _renewed = now;
        if (_options.Enabled)
        {
            Shared.Slots = new QuerySlots();
            _rings.ForEach(ring => ring.Slots = new QuerySlots());
        }
    }

    // The rings take their part of the budget, and half of it at most.
    private void Divide() => _history.Budget = _options.Enabled ? Math.Max(_options.Memory / 2, _options.Memory - (_readers.Count * QuerySlots.Bytes)) : 0;

    private void Take(ref QuerySlot slot)
    {
        if (!_options.Enabled)
        {
            return;
        }

        _mask.Apply(ref slot);
        _history.Append(ref slot);
        _counter.Add(ref slot);
        _totals.Add(ref slot);
        _followers.Show(ref slot);
        if (_file.IsWanted)
        {
            _file.Add(_words.Read(ref slot));
        }
    }

    private async Task DrainAsync()
    {
        var pause = Busy;
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(pause, _time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = Drain() > 0 ? Busy : Idle;
            }
            catch (Exception e)
            {
                Log.DrainFailed(_logger, e);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1370, LogLevel.Error, "Reading the query log failed once and goes on")]
        public static partial void DrainFailed(ILogger logger, Exception error);
    }
}
