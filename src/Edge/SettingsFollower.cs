using Edge.Dns.Files;
using Edge.Settings;
using Microsoft.Extensions.Logging;

namespace Edge;

/// <summary>
/// Follows edge.yaml, and the files of certificates, anchors and secrets that it names, while Edge runs: takes over what can change, names what needs a restart, and reports mistakes
/// without changing anything.
/// </summary>
internal sealed partial class SettingsFollower : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly string _config;
    private readonly string _path;
    private readonly EdgeHost _host;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _following;
    private readonly EdgeOptions _started;

    /// <param name="config">The path of edge.yaml, as it is shown.</param>
    /// <param name="started">The settings that serve.</param>
    /// <param name="read">The files that were read for them, and their state then.</param>
    /// <param name="host">Takes them over.</param>
    /// <param name="logs">The log.</param>
    /// <param name="time">The clock.</param>
    public SettingsFollower(string config, EdgeOptions started, IReadOnlyDictionary<string, string> read, EdgeHost host, ILoggerFactory logs, TimeProvider time)
    {
        _config = config;
        _path = Path.GetFullPath(config);
        _started = started;
        _host = host;
        _log = logs.CreateLogger<SettingsFollower>();
        _following = FollowAsync(read, time);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _following;
        _end.Dispose();
    }

    private async Task FollowAsync(IReadOnlyDictionary<string, string> taken, TimeProvider time)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var seen = taken;
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                var now = Look(taken.Keys);
                // Two looks that agree: an editor may still be writing at the first.
                if (now[_path] != FileFingerprint.None && AreSame(now, seen) && !AreSame(now, taken))
                {
                    (taken, seen) = Take() is { } read ? (read, read) : (now, now);
                    continue;
                }

                if (now[_path] == FileFingerprint.None && seen[_path] != FileFingerprint.None)
                {
                    Log.Gone(_log, _config);
                }

                seen = now;
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }
    }

    // What was read, with its mistakes or without; a file that it did not name before is followed from then on.
    private IReadOnlyDictionary<string, string>? Take()
    {
        try
        {
            var problems = new ProblemList();
            var options = EdgeOptionsFile.Load(_config, problems);
            if (problems.Any)
            {
                Log.Refused(_log, _config, string.Join(Environment.NewLine, problems.All.Select(problem => "  " + problem)));
                return problems.Files;
            }

            var waiting = RestartRequired.Between(_started, options);
            if (waiting.Count > 0)
            {
                Log.NeedsRestart(_log, string.Join(", ", waiting));
            }

            _host.TakeOver(options with { Views = RestartRequired.SameViews(_started, options) ? options.Views : _started.Views });
            Log.Taken(_log, _config);
            return problems.Files;
        }
        catch (Exception unexpected)
        {
            Log.Failed(_log, unexpected);
            return null;
        }
    }

    private static Dictionary<string, string> Look(IEnumerable<string> files) => files.ToDictionary(file => file, FileFingerprint.Of, StringComparer.Ordinal);

    private static bool AreSame(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(file => other.GetValueOrDefault(file.Key) == file.Value);

    private static partial class Log
    {
        [LoggerMessage(8001, LogLevel.Error, "{File}, or a file that it names, has mistakes; nothing was changed:\n{Problems}")]
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
