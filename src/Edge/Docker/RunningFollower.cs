namespace Edge.Docker;

/// <summary>An engine that is followed until it is left, or until everything ends.</summary>
/// <param name="options">Which engine, and what its labels may say.</param>
/// <param name="follower">Follows it.</param>
internal sealed class RunningFollower(EngineOptions options, EngineFollower follower) : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private Task _following = Task.CompletedTask;
    private CancellationTokenRegistration _all;

    public EngineOptions Options { get; private set; } = options;

    public EngineFollower Follower => follower;

    public void Start(CancellationToken cancel)
    {
        _all = cancel.Register(_end.Cancel);
        _following = follower.FollowAsync(_end.Token);
    }

    public async Task UseAsync(EngineOptions now, CancellationToken cancel)
    {
        await follower.UseAsync(now, cancel).ConfigureAwait(false);
        Options = now;
    }

    /// <summary>Follows it no more; when this ends, nothing more comes of it.</summary>
    public async Task EndAsync()
    {
        await _all.DisposeAsync().ConfigureAwait(false);
        await _end.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
    }

    public void Dispose()
    {
        _all.Dispose();
        _end.Dispose();
        follower.Dispose();
    }
}
