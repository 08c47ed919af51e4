using System.Threading.Channels;

namespace Edge.Docker;

/// <summary>What is told over one stream of events, waiting to be looked at.</summary>
/// <param name="events">The stream.</param>
/// <param name="time">The clock.</param>
internal sealed class EngineHappenings(EventLines events, TimeProvider time)
{
    // What is not read yet waits with the engine.
    private const int MostWaiting = 10_000;

    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(1);

    private readonly Channel<string> _happened = Channel.CreateBounded<string>(MostWaiting);

    /// <summary>Reads the stream to its end, through no trouble: <see cref="WaitAsync"/> throws it.</summary>
    public async Task ReadAsync(CancellationToken cancel)
    {
        try
        {
            while (await events.NextAsync(cancel).ConfigureAwait(false) is { } all)
            {
                foreach (var one in all)
                {
                    await _happened.Writer.WriteAsync(one.Container, cancel).ConfigureAwait(false);
                    if (one.IsEarly)
                    {
                        _ = AgainAsync(one.Container, cancel);
                    }
                }
            }

            _happened.Writer.Complete();
        }
        catch (Exception wrong)
        {
            _happened.Writer.Complete(wrong);
        }
    }

    /// <summary>True when something happened, false when the time has come.</summary>
    /// <param name="until">A time stamp of the clock.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<bool> WaitAsync(long until, CancellationToken cancel)
    {
        var left = time.GetElapsedTime(time.GetTimestamp(), until);
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        // A whole millisecond more: timers know no parts of one.
        using var due = new CancellationTokenSource(left + TimeSpan.FromMilliseconds(1), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, cancel);
        try
        {
            return await _happened.Reader.WaitToReadAsync(either.Token).ConfigureAwait(false) ? true : throw new EngineException("has ended the stream of its events");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The containers with which something happened, each once.</summary>
    /// <param name="most">One more than so many is enough.</param>
    public HashSet<string> Take(int most)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        while (ids.Count <= most && _happened.Reader.TryRead(out var id))
        {
            ids.Add(id);
        }

        return ids;
    }

    private async Task AgainAsync(string id, CancellationToken cancel)
    {
        await Task.Delay(SecondLook, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _happened.Writer.TryWrite(id);
    }
}
