using System.Collections.Immutable;
using System.Net;
using Edge.Docker;
using Edge.Services;
using Edge.Tests.Certificates;
using Edge.Tests.Services;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Tests.Docker;

/// <summary>A source that follows engines, and the catalogue that has it.</summary>
internal sealed class FollowedEngine : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task _following;

    private FollowedEngine(DockerSource source, ServiceCatalog catalog, LogLines log)
    {
        (Source, Catalog, Log) = (source, catalog, log);
        _following = source.FollowAsync(_end.Token);
    }

    public DockerSource Source { get; }

    public ServiceCatalog Catalog { get; }

    public LogLines Log { get; }

    /// <summary>"photos web" and so on: what is in effect.</summary>
    public string Served => string.Join(' ', Catalog.Current.Services.Select(service => service.Name));

    public string Problems => string.Join('\n', Source.Problems);

    public static Task<FollowedEngine> StartAsync(params string[] sockets) => StartAsync(static () => [IPNetwork.Parse("172.17.0.0/16")], sockets);

    public static Task<FollowedEngine> StartAsync(TimeSpan hold, params string[] sockets) => StartAsync(static () => [IPNetwork.Parse("172.17.0.0/16")], hold, sockets);

    public static Task<FollowedEngine> StartAsync(Func<IReadOnlyList<IPNetwork>> links, params string[] sockets) => StartAsync(links, null, sockets);

    private static async Task<FollowedEngine> StartAsync(Func<IReadOnlyList<IPNetwork>> links, TimeSpan? hold, string[] sockets)
    {
        var log = new LogLines();
        var options = new DockerOptions { Engines = [.. sockets.Select(socket => new EngineOptions { Socket = socket, Hosts = ["*.nas.example.com"], Hold = hold ?? TimeSpan.FromMilliseconds(300) })] };
        var source = new DockerSource(options, new ServiceReader("example.com", "nas"), links, TimeProvider.System, new Logger<DockerSource>(log));
        var catalog = new ServiceCatalog([source], new RecordingReader(), new RecordingReader(), new RecordingReader(), NullLogger<ServiceCatalog>.Instance);
        await source.LoadAsync(CancellationToken.None);
        catalog.Publish();
        return new FollowedEngine(source, catalog, log);
    }

    public Task ServesAsync(string services) => Eventually.TrueAsync(() => Served == services, () => $"serves \"{Served}\", not \"{services}\"; {Problems}\n{string.Join('\n', Log.Lines)}");

    public Task TellsAsync(string problem) => Eventually.TrueAsync(() => Problems.Contains(problem, StringComparison.Ordinal), () => $"tells \"{Problems}\", not \"{problem}\"");

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _following;
        Source.Dispose();
        _end.Dispose();
    }
}
