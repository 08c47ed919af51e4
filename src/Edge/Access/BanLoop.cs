namespace Edge.Access;

/// <summary>Counts what addresses do, and follows the feed.</summary>
internal sealed class BanLoop(BanManager bans, TimeProvider time, ILogger<BanLoop> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var feed = new CrowdSecFeed(bans, time, log);
        await Task.WhenAll(bans.RunAsync(stoppingToken), feed.RunAsync(stoppingToken));
    }
}
