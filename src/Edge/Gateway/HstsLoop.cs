namespace Edge.Gateway;

/// <summary>Keeps what <see cref="HstsPromises"/> has to remember.</summary>
internal sealed class HstsLoop(HstsPromises promises, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        promises.Keep();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                promises.Keep();
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }
    }
}
