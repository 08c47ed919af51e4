using Microsoft.Extensions.Logging;

namespace Edge.Acme;

/// <summary>All that is shown for one order; it goes in any case, each by itself, whatever became of the order.</summary>
internal sealed partial class PresentedChallenges(ILogger logger) : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _shown = [];

    public void Add(IAsyncDisposable shown) => _shown.Add(shown);

    public async ValueTask DisposeAsync()
    {
        foreach (var shown in _shown)
        {
            try
            {
                await shown.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception stuck)
            {
                Log.NotTakenAway(logger, stuck);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4102, LogLevel.Warning, "A challenge's answer was not taken away")]
        public static partial void NotTakenAway(ILogger logger, Exception stuck);
    }
}
