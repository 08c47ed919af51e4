using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Edge.Names.Leases;

/// <summary>Looks at the lease files and at the clock a few times a second, and tells <see cref="LeaseNames"/>.</summary>
internal sealed partial class LeaseFollower : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly LeaseNames _names;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private ImmutableArray<LeaseFile> _files = [];
    private Task _following = Task.CompletedTask;

    /// <summary>Follows files whose leases are there when it returns, as far as the files are.</summary>
    public LeaseFollower(ImmutableArray<LeaseSetting> settings, LeaseNames names, TimeProvider time, ILogger log)
    {
        (_names, _time, _log) = (names, time, log);
        Use(settings);
    }

    /// <summary>The files that are followed.</summary>
    public ImmutableArray<LeaseFile> Files => _files;

    /// <summary>What is wrong with the files now, and with the names in them.</summary>
    public IEnumerable<string> Problems => _files.SelectMany(file => new[]
    {
        file.Trouble,
        file.Mistakes > 0 ? $"{file.Setting.ShownAs}: lines that are not understood: {file.Mistakes}" : null,
        _names.RefusedIn(file.Setting) is { } refused ? $"{file.Setting.ShownAs}: clients whose names are not served: {refused.Count}, such as \"{refused.Name}\", which {refused.Reason}" : null,
    }).OfType<string>();

    /// <summary>Takes over other files.</summary>
    public void Use(ImmutableArray<LeaseSetting> settings)
    {
        lock (_gate)
        {
            var before = _files;
            _files = [.. settings.Select(setting => before.FirstOrDefault(file => file.Setting == setting) ?? new LeaseFile(setting, _log))];
            List<LeaseFile> added = [.. _files.Except(before)];
            added.ForEach(file => file.Look(atOnce: true));
            _names.Update(added, before.Except(_files).Select(file => file.Setting));
        }
    }

    /// <summary>Begins to follow.</summary>
    public void Start() => _following = FollowAsync();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _following;
        _end.Dispose();
    }

    private async Task FollowAsync()
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                LookAround();
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }
    }

    private void LookAround()
    {
        try
        {
            lock (_gate)
            {
                _names.Update([.. _files.Where(file => file.Look(atOnce: false))], []);
            }
        }
        catch (Exception unexpected)
        {
            Log.Failed(_log, unexpected);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3103, LogLevel.Error, "Following the lease files failed; names stay as they are")]
        public static partial void Failed(ILogger log, Exception error);
    }
}
