using Edge.Dns.Snapshots;
using Edge.Stores;

namespace Edge.Services;

/// <summary>The registered services, as the store has them: listed once, watched from then on.</summary>
internal sealed partial class RegistrationSource(IStore store, TimeProvider time, ILogger<RegistrationSource> log) : IServiceSource
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (Registration Registration, StoreEntry Entry)> _registrations = new(StringComparer.Ordinal);
    private readonly List<(long Revision, TaskCompletionSource Done)> _waiting = [];
    private readonly HashSet<string> _leaving = new(StringComparer.Ordinal);
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);
    private long _live = -1;

    public event Action? Changed;

    public SourceKind Kind => SourceKind.Api;

    public ShardedMap<string, DeclaredGroup> Current { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>Lists what the store has, once, before anything is served.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be read.</exception>
    public async Task LoadAsync(CancellationToken cancel)
    {
        var listing = await store.ListAsync(Registration.Prefix, cancel).ConfigureAwait(false);
        _touched.UnionWith(_registrations.Keys);
        _registrations.Clear();
        foreach (var entry in listing.Entries)
        {
            Take(entry.Key, entry);
        }

        Publish(listing.Revision);
    }

    /// <summary>Takes changes as they happen, through any trouble of the store, until cancelled.</summary>
    public async Task FollowAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                if (_live < 0)
                {
                    await LoadAsync(cancel).ConfigureAwait(false);
                }

                await WatchAsync(cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (StoreCompactedException)
            {
                _live = -1;
            }
            catch (Exception wrong)
            {
                Log.WatchFailed(log, wrong.Message, wrong is StoreUnavailableException ? null : wrong);
                await Task.Delay(RetryAfter, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Completes when every reader serves the registrations as they stood at this revision, or later.</summary>
    public async Task WaitUntilLiveAsync(long revision, CancellationToken cancel)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_live >= revision)
            {
                return;
            }

            _waiting.Add((revision, done));
        }

        try
        {
            await done.Task.WaitAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _waiting.RemoveAll(waiter => waiter.Done == done);
            }
        }
    }

    /// <summary>Says that somebody is removing this registration, so that its end is not taken for that of its lease.</summary>
    /// <param name="key">Its key in the store.</param>
    /// <param name="leaving">False when it was not removed after all.</param>
    public void Leaves(string key, bool leaving)
    {
        lock (_lock)
        {
            _ = leaving ? _leaving.Add(key) : _leaving.Remove(key);
        }
    }

    // Changes that are there already are taken together: a thousand leases that end at once are one publication.
    private async Task WatchAsync(CancellationToken cancel)
    {
        await using var changes = store.WatchAsync(Registration.Prefix, _live, cancel).GetAsyncEnumerator(cancel);
        long? taken = null;
        var next = changes.MoveNextAsync();
        while (true)
        {
            if (!next.IsCompleted && taken is { } revision)
            {
                Publish(revision);
                taken = null;
            }

            if (!await next.ConfigureAwait(false))
            {
                return;
            }

            Take(changes.Current.Key, changes.Current.Entry);
            taken = changes.Current.Revision;
            next = changes.MoveNextAsync();
        }
    }

    private void Take(string key, StoreEntry? entry)
    {
        _touched.Add(key);
        if (entry is null)
        {
            TakeEnd(key);
        }
        else if (RegistrationFormat.Read(entry.Value) is { } registration && key == Registration.Prefix + registration.Name && registration.Hosts.Length > 0)
        {
            _registrations[key] = (registration, entry);
        }
        else
        {
            _registrations.Remove(key);
            Log.Unreadable(log, key, entry.Revision);
        }
    }

    private void TakeEnd(string key)
    {
        bool removed;
        lock (_lock)
        {
            removed = _leaving.Remove(key);
        }

        if (_registrations.Remove(key, out var ended) && !removed && ended.Entry.Lease is not null)
        {
            Log.LeaseEnded(log, ended.Registration.Name);
        }
    }

    private void Publish(long revision)
    {
        var (before, next) = (Current, Current.Edit());
        foreach (var key in _touched)
        {
            var now = _registrations.TryGetValue(key, out var pair) ? Group(pair.Registration, pair.Entry) : null;
            if (next.Find(key) is not { } old || now is null || now.Order != old.Order || !now.Services.SequenceEqual(old.Services))
            {
                next.Set(key, now);
            }
        }

        _touched.Clear();
        Current = next.ToMap();
        if (!ReferenceEquals(before, Current))
        {
            Changed?.Invoke();
        }

        lock (_lock)
        {
            _live = revision;
            foreach (var (wanted, done) in _waiting)
            {
                if (wanted <= revision)
                {
                    done.TrySetResult();
                }
            }
        }
    }

    private static DeclaredGroup Group(Registration registration, StoreEntry entry) =>
        new(registration.Since == 0 ? entry.Revision : registration.Since, registration.Name, [registration.ToService(entry.Lease)]);

    private static partial class Log
    {
        [LoggerMessage(2020, LogLevel.Error, "Registrations cannot be followed and are tried again; what was known stays in force: {Reason}")]
        public static partial void WatchFailed(ILogger log, string reason, Exception? wrong);

        [LoggerMessage(2021, LogLevel.Warning, "The store's entry {Key} of revision {Revision} is not a registration and is left out")]
        public static partial void Unreadable(ILogger log, string key, long revision);

        [LoggerMessage(2022, LogLevel.Information, "Service {Name} ended with its lease")]
        public static partial void LeaseEnded(ILogger log, string name);
    }
}
