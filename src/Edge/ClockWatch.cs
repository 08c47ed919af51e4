using Microsoft.Extensions.Logging;

namespace Edge;

/// <summary>
/// Notices that the wall clock was set: tells it in one line, because it explains what else is then seen, and has the
/// certificates looked at. Leases run on the monotonic clock and do not care.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="jumped">Called after a jump.</param>
/// <param name="log">Where it is told.</param>
internal sealed partial class ClockWatch(TimeProvider time, Action jumped, ILogger<ClockWatch> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // What time servers correct bit by bit is nobody's concern.
    private static readonly TimeSpan Noticed = TimeSpan.FromMinutes(1);

    /// <summary>Watches until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var (wall, ticks) = (time.GetUtcNow(), time.GetTimestamp());
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel))
            {
                var (nowWall, nowTicks) = (time.GetUtcNow(), time.GetTimestamp());
                var expected = wall + time.GetElapsedTime(ticks, nowTicks);
                if ((nowWall - expected).Duration() > Noticed)
                {
                    Log.Jumped(log, expected, nowWall);
                    jumped();
                }

                (wall, ticks) = (nowWall, nowTicks);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8005, LogLevel.Warning, "The clock jumped from {From:u} to {To:u}; leases run on, certificates are looked at anew")]
        public static partial void Jumped(ILogger log, DateTimeOffset from, DateTimeOffset to);
    }
}
