namespace Edge.PortMapping;

/// <summary>The time between two looks, which whoever knows something can end.</summary>
internal sealed class WayInPause(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _wake = new(0, 1);

    /// <summary>Ends the pause, or the next one.</summary>
    public void End()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody has done so already.
        }
    }

    /// <summary>Waits until somebody ends the pause, it has lasted long enough, or all is over.</summary>
    public async Task WaitAsync(TimeSpan most, CancellationToken cancel)
    {
        // Whoever is in the LAN can speak in the router's name, as often as he likes.
        await Task.Delay(Breath, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var pause = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, pause.Token);
        try
        {
            await _wake.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Time for the next look, or for the end.
        }
    }

    public void Dispose() => _wake.Dispose();
}
