namespace Edge.Acme;

/// <summary>The pauses between looks at something the CA works on: what it asks for, else 1, 2, 4, 8 times the first.</summary>
internal sealed class AcmePolling(TimeSpan first, TimeSpan deadline, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private int _looks;

    /// <summary>Waits until the next look is due. False when the deadline would be over by then.</summary>
    public async Task<bool> WaitAsync(TimeSpan? retryAfter, CancellationToken cancel)
    {
        var pause = retryAfter ?? first * (1 << Math.Min(_looks++, 3));
        if (time.GetElapsedTime(_start) + pause > deadline)
        {
            return false;
        }

        await Task.Delay(pause, time, cancel).ConfigureAwait(false);
        return true;
    }
}
