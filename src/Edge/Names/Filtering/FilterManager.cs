using System.Collections.Immutable;
using Edge.Dns.Files;
using Edge.Dns.Filtering;
using Microsoft.Extensions.Logging;

namespace Edge.Names.Filtering;

/// <summary>
/// The one writer of the filter's policy: it follows the settings, the files and addresses of lists, the hours of
/// groups, and pauses. Nobody waits for it: until the lists are read, the rules of the settings count.
/// </summary>
internal sealed partial class FilterManager : IAsyncDisposable
{
    private const string FolderName = "filters";
    // A set that is gone is given back at once when it was large; otherwise whenever the runtime comes to it.
    private const long LargeSet = 4 << 20;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly string _folder;
    private readonly ListDownload _download;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _stepping = new();
    private readonly Lock _publishing = new();
    private readonly SemaphoreSlim _downloading = new(1);
    private readonly HitCounters _hits = new();
    private volatile FilterPolicy _policy = FilterPolicy.None;
    private volatile FilterState _state;
    private ImmutableArray<bool> _hours = [];
    private long _pausedUntil;
    private bool _dirty = true;
    private Task _following = Task.CompletedTask;
    private Task _fetching = Task.CompletedTask;

    /// <param name="options">The settings.</param>
    /// <param name="data">The data folder, a full path.</param>
    /// <param name="download">Fetches lists.</param>
    /// <param name="time">The clock, and the zone of the clock on the wall.</param>
    /// <param name="log">The log.</param>
    public FilterManager(FilterOptions options, string data, ListDownload download, TimeProvider time, ILogger log)
    {
        _folder = Path.Combine(data, FolderName);
        (_download, _time, _log) = (download, time, log);
        _state = FilterState.Create(options, _folder, null, time.GetUtcNow());
        Publish(_state.ReadSettings);
    }

    /// <summary>What is blocked for whom now.</summary>
    public FilterPolicy Policy => _policy;

    /// <summary>The lists, in the order of the settings.</summary>
    public ImmutableArray<KnownList> Lists => _state.Lists;

    /// <summary>How often each source of <see cref="Policy"/> blocked a name since it was last named otherwise.</summary>
    public HitCounters Hits => _hits;

    /// <summary>Until when nothing is blocked; null when that is not so.</summary>
    public DateTimeOffset? PausedUntil => Volatile.Read(ref _pausedUntil) is var until && until > _time.GetUtcNow().UtcTicks ? new DateTimeOffset(until, TimeSpan.Zero) : null;

    /// <summary>The rules of the settings that a source stands for, one a line; null for a list.</summary>
    public string? TextOf(FilterSource source) => _state.TextOf(source);

    /// <summary>Reads the lists, fetches those that are due, and follows everything.</summary>
    public void Start() => _following = Task.Run(FollowAsync);

    /// <summary>Takes over other settings.</summary>
    public void Use(FilterOptions options)
    {
        if (options != _state.Options)
        {
            _state = FilterState.Create(options, _folder, _state, _time.GetUtcNow());
            Volatile.Write(ref _dirty, true);
        }
    }

    /// <summary>Blocks nothing until then; a time that is past ends a pause. The answers of the settings stay.</summary>
    public void Pause(DateTimeOffset until)
    {
        Volatile.Write(ref _pausedUntil, until.UtcTicks);
        Publish(() => _policy.Rules);
    }

    /// <summary>Fetches lists now; when it is done, what came is in force.</summary>
    /// <param name="name">The list; null for all.</param>
    /// <param name="acceptShrunk">Whether a list may have lost most of its rules.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task UpdateAsync(string? name, bool acceptShrunk, CancellationToken cancel)
    {
        foreach (var list in _state.Lists.Where(list => list.Copy is not null && (name is null || list.Options.Name == name)))
        {
            await FetchAsync(list, acceptShrunk, cancel).ConfigureAwait(false);
        }

        await Task.Run(() => Try(TakeOver), cancel).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_following, _fetching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _download.Dispose();
        _downloading.Dispose();
        _end.Dispose();
    }

    private async Task FollowAsync()
    {
        using var timer = new PeriodicTimer(Interval, _time);
        do
        {
            Try(Step);
        }
        while (await timer.WaitForNextTickAsync(_end.Token).ConfigureAwait(false));
    }

    // One after the other: who asked for a list and the clock may come at the same time.
    private void Try(Action step)
    {
        lock (_stepping)
        {
            try
            {
                step();
            }
            catch (Exception wrong) when (wrong is not OperationCanceledException)
            {
                Log.StepFailed(_log, wrong);
            }
        }
    }

    private void TakeOver()
    {
        if (Interlocked.Exchange(ref _dirty, false))
        {
            Rebuild(_state);
        }
    }

    private void Step()
    {
        // In this order, and in the other one where they are written: no change is passed over. In one step, so
        // that what comes meanwhile is not wiped away unseen.
        var dirty = Interlocked.Exchange(ref _dirty, false);
        var state = _state;
        var changed = state.Lists.Count(list => list.HasChanged());
        if (dirty || changed > 0)
        {
            Rebuild(state);
        }
        else if (!_hours.SequenceEqual(state.HoursNow(_time.GetLocalNow())) || (Volatile.Read(ref _pausedUntil) > 0 && PausedUntil is null))
        {
            Publish(() => _policy.Rules);
        }

        if (_fetching.IsCompleted && state.Lists.Any(list => list.Due <= _time.GetUtcNow()))
        {
            _fetching = FetchDueAsync(state);
        }
    }

    private void Rebuild(FilterState state)
    {
        var started = _time.GetTimestamp();
        var before = _policy.Rules;
        var problems = state.Lists.SelectMany(list => list.Summary.Problems).ToHashSet();
        var rules = state.Read(_end.Token);
        Publish(() => rules);
        // What somebody else's list has wrong is in the report; one's own file one can mend.
        foreach (var problem in state.Lists.Where(list => list.Options.File is not null).SelectMany(list => list.Summary.Problems).Where(problem => !problems.Contains(problem)))
        {
            Log.Problem(_log, problem);
        }

        if (rules.NameCount + before.NameCount + state.Lists.Length > 0)
        {
            Log.Read(_log, rules.NameCount, state.Lists.Length, (int)_time.GetElapsedTime(started).TotalMilliseconds, rules.Bytes >> 10);
        }

        if (before.Bytes > LargeSet)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        }
    }

    private void Publish(Func<FilterRules> latest)
    {
        lock (_publishing)
        {
            var rules = latest();
            var state = _state;
            var paused = PausedUntil is not null;
            Volatile.Write(ref _pausedUntil, paused ? _pausedUntil : 0);
            _hours = state.HoursNow(_time.GetLocalNow());
            if (!rules.Sources.SequenceEqual(_policy.Rules.Sources))
            {
                _hits.Clear();
            }

            _policy = new FilterPolicy(rules, state.Groups(rules.Sources, _hours, paused), state.Options.Reply, _hits);
        }
    }

    private async Task FetchDueAsync(FilterState state)
    {
        foreach (var list in state.Lists.Where(list => list.Due <= _time.GetUtcNow()))
        {
            await FetchAsync(list, acceptShrunk: false, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // One at a time: a home's line is for its people.
    private async Task FetchAsync(KnownList list, bool acceptShrunk, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _end.Token);
        await _downloading.WaitAsync(either.Token).ConfigureAwait(false);
        try
        {
            DurableFile.MakeFolder(_folder);
            var result = await _download.FetchAsync(list.Options, list.Copy!, acceptShrunk, either.Token).ConfigureAwait(false);
            list.Note(result, _time.GetUtcNow());
            if (result.Changed)
            {
                Volatile.Write(ref _dirty, true);
            }

            if (result.Error is { } error)
            {
                Log.NotFetched(_log, list.Options.Name, list.Options.From, error, list.Copy!.Exists ? "the last good copy serves on" : "nothing of it is blocked until it comes");
            }
            else
            {
                Log.Fetched(_log, list.Options.Name, result.Changed ? "has a new text" : "has not changed");
            }
        }
        catch (Exception wrong) when (wrong is not OperationCanceledException)
        {
            list.Note(new DownloadResult(false, wrong.Message), _time.GetUtcNow());
            Log.NotFetched(_log, list.Options.Name, list.Options.From, wrong.Message, "the last good copy serves on");
        }
        finally
        {
            _downloading.Release();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3070, LogLevel.Information, "The filter has {Names} names from {Lists} lists, read in {Milliseconds} ms, {Kilobytes} KB")]
        public static partial void Read(ILogger log, int names, int lists, int milliseconds, long kilobytes);

        [LoggerMessage(3071, LogLevel.Information, "The list {List} {State}")]
        public static partial void Fetched(ILogger log, string list, string state);

        [LoggerMessage(3072, LogLevel.Warning, "The list {List} could not be had from {From}: {Error}; {Consequence}")]
        public static partial void NotFetched(ILogger log, string list, string from, string error, string consequence);

        [LoggerMessage(3073, LogLevel.Error, "The filter could not be brought up to date; what was blocked before is blocked on")]
        public static partial void StepFailed(ILogger log, Exception error);

        [LoggerMessage(3074, LogLevel.Warning, "{Problem}")]
        public static partial void Problem(ILogger log, string problem);
    }
}
