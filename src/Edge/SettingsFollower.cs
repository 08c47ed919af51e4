using Edge.Settings;
using Microsoft.Extensions.Logging;

namespace Edge;

/// <summary>
/// Follows edge.yaml while Edge runs: takes over what can change, names what needs a restart, and reports mistakes
/// without changing anything.
/// </summary>
internal sealed partial class SettingsFollower : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly string _path;
    private readonly EdgeHost _host;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _following;
    private readonly EdgeOptions _started;

    public SettingsFollower(string path, EdgeOptions started, EdgeHost host, ILoggerFactory logs, TimeProvider time)
    {
        _path = path;
        _started = started;
        _host = host;
        _log = logs.CreateLogger<SettingsFollower>();
        _following = FollowAsync(time);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _following;
        _end.Dispose();
    }

    private async Task FollowAsync(TimeProvider time)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var taken = Stamp();
        var seen = taken;
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                var now = Stamp();
                // Two looks that agree: an editor may still be writing at the first.
                if (now is not null && now == seen && now != taken)
                {
                    taken = now;
                    Take();
                }

                if (now is null && seen is not null)
                {
                    Log.Gone(_log, _path);
                }

                seen = now;
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }
    }

    private void Take()
    {
        try
        {
            var problems = new ProblemList();
            var options = EdgeOptionsFile.Load(_path, problems);
            if (problems.Any)
            {
                Log.Refused(_log, _path, string.Join(Environment.NewLine, problems.All.Select(problem => "  " + problem)));
                return;
            }

            var waiting = RestartRequired.Between(_started, options);
            if (waiting.Count > 0)
            {
                Log.NeedsRestart(_log, string.Join(", ", waiting));
            }

            _host.TakeOver(options with { Views = RestartRequired.SameViews(_started, options) ? options.Views : _started.Views });
            Log.Taken(_log, _path);
        }
        catch (Exception unexpected)
        {
            Log.Failed(_log, unexpected);
        }
    }

    private (DateTime Written, long Length)? Stamp()
    {
        var file = new FileInfo(_path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : null;
    }

    private static partial class Log
    {
        [LoggerMessage(8001, LogLevel.Error, "{File} has mistakes; nothing was changed:\n{Problems}")]
        public static partial void Refused(ILogger log, string file, string problems);

        [LoggerMessage(8002, LogLevel.Warning, "edge.yaml: a change of {Keys} needs a restart; everything else is taken over")]
        public static partial void NeedsRestart(ILogger log, string keys);

        [LoggerMessage(8003, LogLevel.Information, "{File} was read anew")]
        public static partial void Taken(ILogger log, string file);

        [LoggerMessage(8006, LogLevel.Warning, "{File} is gone; what it said stays in force until the next start")]
        public static partial void Gone(ILogger log, string file);

        [LoggerMessage(8004, LogLevel.Error, "edge.yaml could not be taken over; what served before serves on")]
        public static partial void Failed(ILogger log, Exception error);
    }
}
