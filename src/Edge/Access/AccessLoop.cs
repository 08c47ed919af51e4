namespace Edge.Access;

/// <summary>Keeps what access control knows fresh: the users file, the addresses of hosts.</summary>
internal sealed partial class AccessLoop(AccessControl access, TimeProvider time, ILogger<AccessLoop> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await OnceAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }
    }

    private async Task OnceAsync(CancellationToken cancel)
    {
        try
        {
            await access.RefreshAsync(cancel);
        }
        catch (Exception unexpected) when (unexpected is not OperationCanceledException)
        {
            Log.Failed(log, unexpected);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5201, LogLevel.Error, "Users and hosts could not be looked at; what was known stays")]
        public static partial void Failed(ILogger log, Exception error);
    }
}
