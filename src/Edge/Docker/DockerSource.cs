using System.Net;
using Edge.Dns.Snapshots;
using Edge.Services;
using Edge.Settings;

namespace Edge.Docker;

/// <summary>The services that containers declare by their labels, whatever engine they run on.</summary>
internal sealed class DockerSource : IOutsideSource, IDisposable
{
    private readonly Lock _lock = new();
    private readonly EngineFollower[] _engines;
    private volatile bool _isLoaded;

    /// <param name="options">The engines.</param>
    /// <param name="reader">Knows the schema.</param>
    /// <param name="links">The subnets that this machine has an address in.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where trouble is told.</param>
    public DockerSource(DockerOptions options, ServiceReader reader, Func<IReadOnlyList<IPNetwork>> links, TimeProvider time, ILogger<DockerSource> log) =>
        _engines = [.. options.Engines.Select(engine => new EngineFollower(engine, reader, links, Take, time, log))];

    public event Action? Changed;

    public SourceKind Kind => SourceKind.Docker;

    public ShardedMap<string, DeclaredGroup> Current { get; private set; } = new(StringComparer.Ordinal);

    public IReadOnlyList<Problem> Problems => [.. _engines.SelectMany(engine => engine.Problems)];

    // Until all have answered nothing is told: of what several engines have at a start, the older container gets it.
    public async Task LoadAsync(CancellationToken cancel)
    {
        await Task.WhenAll(_engines.Select(engine => engine.LoadAsync(cancel))).ConfigureAwait(false);
        _isLoaded = true;
    }

    public Task FollowAsync(CancellationToken cancel) => Task.WhenAll(_engines.Select(engine => engine.FollowAsync(cancel)));

    public void Dispose() => Array.ForEach(_engines, engine => engine.Dispose());

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
