using System.Collections.Immutable;

namespace Edge.Services;

/// <summary>Starts the sources and follows them: when starting has ended, everything declared so far is served.</summary>
internal sealed partial class ServicesLoop(FileServiceSource files, RegistrationSource registrations, ImmutableArray<IOutsideSource> others, ServiceCatalog catalog, ILogger<ServicesLoop> log) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        files.Load();
        var loading = Task.WhenAll(others.Select(other => other.LoadAsync(cancellationToken)));
        try
        {
            await registrations.LoadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Stores.StoreUnavailableException wrong)
        {
            // The loop lists again until it can; what the files declare is served meanwhile.
            Log.LoadFailed(log, wrong.Message);
        }

        await loading.ConfigureAwait(false);
        catalog.Publish();
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll([files.FollowAsync(stoppingToken), registrations.FollowAsync(stoppingToken), .. others.Select(other => other.FollowAsync(stoppingToken))]);

    private static partial class Log
    {
        [LoggerMessage(2040, LogLevel.Error, "Registrations cannot be listed yet: {Reason}")]
        public static partial void LoadFailed(ILogger log, string reason);
    }
}
