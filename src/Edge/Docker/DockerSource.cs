using System.Collections.Immutable;
using System.Net;
using System.Threading.Channels;
using Edge.Dns.Snapshots;
using Edge.Services;
using Edge.Settings;

namespace Edge.Docker;

/// <summary>The services that containers declare by their labels, whatever engine they run on. The engines may be others at any time.</summary>
internal sealed class DockerSource : IOutsideSource, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Func<EngineOptions, EngineFollower> _follower;
    private readonly Channel<DockerOptions> _wanted = Channel.CreateBounded<DockerOptions>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private ImmutableArray<RunningFollower> _engines;
    private volatile bool _isLoaded;

    /// <param name="options">The engines.</param>
    /// <param name="reader">Knows the schema.</param>
    /// <param name="links">The subnets that this machine has an address in.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where trouble is told.</param>
    public DockerSource(DockerOptions options, ServiceReader reader, Func<IReadOnlyList<IPNetwork>> links, TimeProvider time, ILogger<DockerSource> log)
    {
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

        try
        {
            await foreach (var options in _wanted.Reader.ReadAllAsync(cancel).ConfigureAwait(false))
            {
                await ChangeAsync(options, cancel).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
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

    private async Task ChangeAsync(DockerOptions options, CancellationToken cancel)
    {
        var before = _engines.ToDictionary(engine => engine.Options.Socket, StringComparer.Ordinal);
        var now = ImmutableArray.CreateBuilder<RunningFollower>();
        foreach (var wanted in options.Engines)
        {
            if (!before.Remove(wanted.Socket, out var engine))
            {
                engine = new RunningFollower(wanted, _follower(wanted));
                engine.Start(cancel);
            }
            else if (engine.Options.Text != wanted.Text)
            {
                await engine.UseAsync(wanted, cancel).ConfigureAwait(false);
            }

            now.Add(engine);
        }

        _engines = now.ToImmutable();
        foreach (var gone in before.Values)
        {
            await gone.EndAsync().ConfigureAwait(false);
            gone.Dispose();
            Take([.. Current.All.Where(pair => pair.Key.StartsWith(gone.Options.Socket + " ", StringComparison.Ordinal)).Select(pair => (pair.Key, (DeclaredGroup?)null))]);
        }
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
}
