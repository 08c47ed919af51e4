using System.Collections.Immutable;
using System.Net;
using System.Threading.Channels;
using Edge.Dns.Snapshots;
using Edge.Services;
using Edge.Settings;

namespace Edge.Docker;

/// <summary>The services that containers declare by their labels, whatever engine they run on. The engines may be others at any time.</summary>
internal sealed partial class DockerSource : IOutsideSource, IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Func<EngineOptions, EngineFollower> _follower;
    private readonly Channel<DockerOptions> _wanted = Channel.CreateBounded<DockerOptions>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly TimeProvider _time;
    private readonly ILogger<DockerSource> _log;
    private ImmutableArray<RunningFollower> _engines;
    private volatile bool _isLoaded;

    /// <param name="options">The engines.</param>
    /// <param name="reader">Knows the schema.</param>
    /// <param name="links">The subnets that this machine has an address in.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where trouble is told.</param>
    public DockerSource(DockerOptions options, ServiceReader reader, Func<IReadOnlyList<IPNetwork>> links, TimeProvider time, ILogger<DockerSource> log)
    {
        (_time, _log) = (time, log);
        _follower = engine => new EngineFollower(engine, reader, links, Take, time, log);
        _engines = [.. options.Engines.Select(engine => new RunningFollower(engine, _follower(engine)))];
    }

    public event Action? Changed;

    public SourceKind Kind => SourceKind.Docker;

    public ShardedMap<string, DeclaredGroup> Current { get; private set; } = new(StringComparer.Ordinal);

    public IReadOnlyList<Problem> Problems => [.. _engines.SelectMany(engine => engine.Follower.Problems)];

    /// <summary>Takes other settings, soon: engines that are new are followed, others left, and labels of the rest are held against the rules of now.</summary>
    public void Use(DockerOptions options) => _wanted.Writer.TryWrite(options);

    // Until all have answered nothing is told: of what several engines have at a start, the older container gets it.
    public async Task LoadAsync(CancellationToken cancel)
    {
        await Task.WhenAll(_engines.Select(engine => engine.Follower.LoadAsync(cancel))).ConfigureAwait(false);
        _isLoaded = true;
    }

    public async Task FollowAsync(CancellationToken cancel)
    {
        foreach (var engine in _engines)
        {
            engine.Start(cancel);
        }

        DockerOptions? again = null;
        while (!cancel.IsCancellationRequested)
        {
            again = await FollowWishesAsync(again, cancel).ConfigureAwait(false);
        }

        await Task.WhenAll(_engines.Select(engine => engine.EndAsync())).ConfigureAwait(false);
    }

    public void Dispose()
    {
        foreach (var engine in _engines)
        {
            engine.Dispose();
        }
    }

    // Until cancelled, or something happened that nobody expected; engines are followed meanwhile. What is to be tried again comes
    // first, or what somebody wants since then in its place.
    private async Task<DockerOptions?> FollowWishesAsync(DockerOptions? again, CancellationToken cancel)
    {
        var wanted = again;
        try
        {
            while (true)
            {
                wanted = _wanted.Reader.TryRead(out var newer) ? newer : wanted ?? await _wanted.Reader.ReadAsync(cancel).ConfigureAwait(false);
                await ChangeAsync(wanted, cancel).ConfigureAwait(false);
                wanted = null;
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The end of the run.
        }
        catch (Exception unexpected)
        {
            Log.ChangeFailed(_log, unexpected);
            await Task.Delay(RetryAfter, _time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return wanted;
    }

    // An engine is in the list from before it is followed until after it is left: one that breaks off is gone on with.
    private async Task ChangeAsync(DockerOptions options, CancellationToken cancel)
    {
        var before = _engines.ToDictionary(engine => engine.Options.Socket, StringComparer.Ordinal);
        var now = ImmutableArray.CreateBuilder<RunningFollower>();
        foreach (var wanted in options.Engines)
        {
            if (!before.Remove(wanted.Socket, out var engine))
            {
                engine = new RunningFollower(wanted, _follower(wanted));
                _engines = _engines.Add(engine);
                engine.Start(cancel);
            }
            else if (engine.Options.Text != wanted.Text)
            {
                await engine.UseAsync(wanted, cancel).ConfigureAwait(false);
            }

            now.Add(engine);
        }

        foreach (var gone in before.Values)
        {
            await gone.EndAsync().ConfigureAwait(false);
            _engines = _engines.Remove(gone);
            gone.Dispose();
            Take([.. Current.All.Where(pair => pair.Key.StartsWith(gone.Options.Socket + " ", StringComparison.Ordinal)).Select(pair => (pair.Key, (DeclaredGroup?)null))]);
        }

        _engines = now.ToImmutable();
    }

    private void Take(IReadOnlyList<(string Key, DeclaredGroup? Group)> changes)
    {
        lock (_lock)
        {
            var next = Current.Edit();
            foreach (var (key, group) in changes)
            {
                next.Set(key, group);
            }

            Current = next.ToMap();
            if (_isLoaded)
            {
                Changed?.Invoke();
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2104, LogLevel.Error, "Other settings for engines of containers could not be taken and are tried again; what is declared stays in force")]
        public static partial void ChangeFailed(ILogger log, Exception unexpected);
    }
}
