using Microsoft.Extensions.Logging;

namespace Edge.PortMapping;

/// <summary>Has it tried whether addresses lead here, beside the looks: that may take seconds. One at a time.</summary>
/// <param name="prover">Who tries.</param>
/// <param name="isNews">Something was learnt.</param>
/// <param name="log">The log.</param>
internal sealed partial class WayInAsking(WayInProver prover, Action isNews, ILogger log)
{
    private Task _asking = Task.CompletedTask;
    private CancellationTokenSource? _end;

    /// <summary>What was so may be otherwise: what is under way ends, what is known is forgotten.</summary>
    public async Task ForgetAsync(CancellationToken cancel)
    {
        await StopAsync().ConfigureAwait(false);
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        prover.Forget();
    }

    /// <summary>Asks what has to be asked, unless that is under way. After the first <see cref="ForgetAsync"/>.</summary>
    public void Ask(WayInFacts facts, PortMappingOptions options)
    {
        if (_asking.IsCompleted)
        {
            _asking = AskAsync(facts, options, _end!.Token);
        }
    }

    /// <summary>Ends what is under way.</summary>
    public async Task StopAsync()
    {
        if (_end is { } before)
        {
            await before.CancelAsync().ConfigureAwait(false);
            await _asking.ConfigureAwait(false);
            before.Dispose();
            _end = null;
        }
    }

    private async Task AskAsync(WayInFacts facts, PortMappingOptions options, CancellationToken cancel)
    {
        try
        {
            if (await prover.AskAsync(facts, options, cancel).ConfigureAwait(false))
            {
                isNews();
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // It is another address by now.
        }
        catch (Exception unexpected)
        {
            Log.Failed(log, unexpected);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3425, LogLevel.Error, "Whether an address leads here could not be tried; the next try comes in seconds")]
        public static partial void Failed(ILogger log, Exception error);
    }
}
